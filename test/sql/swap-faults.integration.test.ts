import { describe, expect, test } from 'vitest';

import { servers } from '../servers/index.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';
import { WORKS, type Work } from './fault-work.ts';

/** A restore and a roll back are cut at every statement, the rest of the works at those that change something. */
const WHOLE: readonly Work[] = ['restore', 'rollBack'];
/** What differs between releases of one vendor is tried with a restore and a roll back. */
const OF_10_11: readonly Work[] = [...WHOLE, 'inPlace'];

function faultsOf(work: Work, { statements, changes }: FaultProxy): readonly Fault[] {
	const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
	const after = upTo(changes).map((change) => ({ change, when: 'after' }) as const);
	const before = WHOLE.includes(work)
		? upTo(statements.length).map((statement) => ({ statement, when: 'before' }) as const)
		: [];
	return [...before, ...after].map((at) => ({ ...at, effect: 'cut' }));
}

/**
 * The connection is cut before every statement, and after every one that changes something (the server
 * has run it, but nobody hears the answer). The run itself puts things right: afterwards the target is
 * wholly as before or wholly as after, with nothing left over beside it, and the run has said which.
 */
describe.concurrent.each(servers())('the connection cut on $id', (server) => {
	const works = server.id === 'mariadb10' ? OF_10_11 : (Object.keys(WORKS) as Work[]);
	test.each(works)('at every statement of %s', async (work) => {
		const world = await FaultWorld.make(server, work, 'cut');
		const proxy = await FaultProxy.open(server.address);
		let said = '';
		const run = async () => {
			said = '';
			return await world.run(proxy.port).then(
				() => 'after',
				(error: unknown) => {
					said = String(error);
					return 'before';
				},
			);
		};
		try {
			await world.prepare();
			proxy.reset();
			expect(await run(), said).toBe('after');
			expect(await world.state()).toBe('after');
			if (work === 'restore' || work === 'rollBack') {
				expect(await world.keptDifferences()).toEqual([]);
			}
			const seen = new Set<string>();
			let fresh = false;
			for (const fault of faultsOf(work, proxy)) {
				await world.prepare(fresh);
				proxy.reset(fault);
				const outcome = await run();
				const state = await world.state();
				expect(state, `${JSON.stringify(fault)}: ${said}`).toBe(outcome);
				seen.add(state);
				fresh = state === 'before';
			}
			expect(seen).toEqual(new Set(['before', 'after']));
		} finally {
			await proxy.close();
			await world.dispose();
		}
	});
});
