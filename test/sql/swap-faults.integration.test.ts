import { describe, expect, test } from 'vitest';

import { servers } from '../servers/index.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';

/**
 * Cuts at every statement of a restore and of a roll back; afterwards the target is wholly as before or
 * wholly as after, with nothing left over beside it.
 */
describe.concurrent.each(servers())('faults at every statement on $id', (server) => {
	test.each(['restore', 'rollBack'] as const)('%s', { timeout: 600_000 }, async (work) => {
		const world = await FaultWorld.make(server, work);
		const proxy = await FaultProxy.open(server.address);
		const run = async () =>
			await world.run(proxy.port).then(
				() => 'after',
				(error: unknown) => {
					said = String(error);
					return 'before';
				},
			);
		let said = '';
		/** The faults one after the other, from a target that is made anew only when it has changed. */
		const each = async (
			faults: readonly Fault[],
			check: (fault: Fault) => Promise<string>,
		): Promise<ReadonlySet<string>> => {
			const seen = new Set<string>();
			let fresh = false;
			for (const fault of faults) {
				if (!fresh) await world.prepare();
				proxy.reset(fault);
				const state = await check(fault);
				seen.add(state);
				fresh = state === 'before';
			}
			return seen;
		};
		try {
			await world.prepare();
			proxy.reset();
			expect(await run()).toBe('after');
			expect(await world.state()).toBe('after');
			expect(await world.keptDifferences()).toEqual([]);
			const numbers = Array.from({ length: proxy.statements.length }, (_, index) => index + 1);

			// The connection is cut before the statement: the run itself puts things right. The other half of
			// the statements is cut below, where every one of them is.
			const odd = numbers.filter((number) => number % 2 === 1);
			const cut = odd.map((statement) => ({ statement, when: 'before', effect: 'cut' }) as const);
			const afterCut = await each(cut, async ({ statement }) => {
				const outcome = await run();
				const state = await world.state();
				expect(state, `cut before statement ${statement}: ${said}`).toBe(outcome);
				return state;
			});
			expect(afterCut).toEqual(new Set(['before', 'after']));

			// Nothing gets through after the statement, as when the process is killed: the next run does it.
			const dead = numbers.map(
				(statement) => ({ statement, when: 'after', effect: 'dead' }) as const,
			);
			const afterDeath = await each(dead, async ({ statement }) => {
				await run();
				await world.recover();
				const state = await world.state();
				expect(
					['before', 'after'],
					`dead after statement ${statement}: ${said}; ${state}`,
				).toContain(state);
				return state;
			});
			expect(afterDeath).toEqual(new Set(['before', 'after']));
		} finally {
			await proxy.close();
			await world.dispose();
		}
	});
});
