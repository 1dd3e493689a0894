import { once } from 'node:events';

import { describe, expect, test } from 'vitest';

import { servers } from '../servers/index.ts';
import { EngineChildren } from './engine-children.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';
import { WORKS, type Work } from './fault-work.ts';

/** Two minutes on an idle machine. */
const TIMEOUT_MS = 15 * 60_000;

/** For the others, nothing gets through to the server any more: the same for it, without a new process. */
const KILLED: readonly Work[] = ['restore', 'rollBack', 'inPlace'];
/** What differs between releases of one vendor is tried with these. */
const OF_10_11: readonly Work[] = ['restore', 'rollBack'];

/** Killed at statements that only read, too; they leave nothing behind, so the others are not. */
const WHOLE: readonly Work[] = ['restore', 'rollBack'];

function faultsOf(work: Work, { statements, changes }: FaultProxy): readonly Fault[] {
	const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
	const before = WHOLE.includes(work)
		? upTo(statements.length).map((statement) => ({ statement, when: 'before' }) as const)
		: [{ change: 1, when: 'before' } as const];
	const after = upTo(changes).map((change) => ({ change, when: 'after' }) as const);
	return [...before, ...after].map((at) => ({ ...at, effect: 'dead' }));
}

/**
 * The engine's process is killed before every statement, and after every one that changes something, as
 * the answer arrives. The next run finishes or undoes: the target is wholly as before or wholly as after.
 * A roll back that is asked for again goes one step back, not two.
 */
describe.concurrent.each(servers())('the engine killed on $id', (server) => {
	const works = server.id === 'mariadb10' ? OF_10_11 : (Object.keys(WORKS) as Work[]);
	test.each(works)('at every statement of %s', { timeout: TIMEOUT_MS }, async (work) => {
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
			const faults = faultsOf(work, proxy);
			const seen = new Set<string>();
			let fresh = false;
			for (const [index, fault] of faults.entries()) {
				const place = JSON.stringify(fault);
				await world.prepare(fresh);
				if (KILLED.includes(work)) await kill(fault);
				else await abandon(fault);
				expect(proxy.struck, place).toBe(true);
				expect(await world.knowsItsContent(), place).toBe(true);
				const again = work === 'rollBack' && index % 2 === 1;
				if (again) await world.rollBackAgain();
				else await world.recover(index % 2 === 0 ? 'undo' : 'finish');
				const state = await world.state();
				expect(again ? ['after'] : ['before', 'after'], `${place}: ${state}`).toContain(state);
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
