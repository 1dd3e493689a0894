import { once } from 'node:events';

import { describe, expect, test } from 'vitest';

import { servers } from '../servers/index.ts';
import { EngineChildren } from './engine-children.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';
import { WORKS, type Work } from './fault-work.ts';

/** For the others, nothing gets through to the server any more: the same for it, without a new process. */
const KILLED: readonly Work[] = ['restore', 'rollBack', 'inPlace'];
/** What differs between releases of one vendor is tried with these. */
const OF_10_11: readonly Work[] = ['restore', 'rollBack'];

/**
 * The engine's process is killed before the first statement that changes something, and after each of
 * them, as the answer arrives. That is before and after every statement: those that only read leave
 * nothing behind. The next run finishes or undoes: the target is wholly as before or wholly as after.
 */
describe.concurrent.each(servers())('the engine killed on $id', (server) => {
	const works = server.id === 'mariadb10' ? OF_10_11 : (Object.keys(WORKS) as Work[]);
	test.each(works)('at every change of %s', async (work) => {
		const world = await FaultWorld.make(server, work, 'killed');
		const proxy = await FaultProxy.open(server.address);
		const children = await EngineChildren.open();
		const kill = async (fault: Fault) => {
			const child = await children.ready();
			proxy.reset({ ...fault, strike: () => void child.kill('SIGKILL') });
			children.assign(child, world.assignment(proxy.port));
			await once(child, 'exit');
			expect(child.signalCode).toBe('SIGKILL');
		};
		const abandon = async (fault: Fault) => {
			proxy.reset(fault);
			await world.run(proxy.port).catch(() => undefined);
		};
		try {
			await world.prepare();
			proxy.reset();
			const whole = await children.ready();
			children.assign(whole, world.assignment(proxy.port));
			await once(whole, 'exit');
			expect(whole.exitCode).toBe(0);
			expect(await world.state()).toBe('after');
			const { changes } = proxy;
			const seen = new Set<string>();
			let fresh = false;
			for (let change = 0; change <= changes; change += 1) {
				await world.prepare(fresh);
				const fault: Fault = {
					...{ change: Math.max(1, change), effect: 'dead' as const },
					when: change === 0 ? 'before' : 'after',
				};
				if (KILLED.includes(work)) await kill(fault);
				else await abandon(fault);
				expect(proxy.struck, `change ${change}`).toBe(true);
				expect(await world.knowsItsContent(), `change ${change}`).toBe(true);
				await world.recover(change % 2 === 0 ? 'undo' : 'finish');
				const state = await world.state();
				expect(['before', 'after'], `after change ${change}: ${state}`).toContain(state);
				seen.add(state);
				fresh = state === 'before';
			}
			expect(seen).toEqual(new Set(['before', 'after']));
		} finally {
			await proxy.close();
			await children.close();
			await world.dispose();
		}
	});
});
