import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';

import type { EntityChange, Watch } from '../../lib/entity/changes/change-watch.ts';
import {
	ChangeWorld,
	EVERY_EVENT,
	MINUTE_MS,
	OPEN_SAMPLES,
	OVERLAP_MS,
	changeWord,
	watchOf,
} from './change-world.ts';

type Step =
	| { readonly kind: 'insert'; readonly isOpen: boolean; readonly lateMs: number }
	| { readonly kind: 'update'; readonly index: number; readonly isOpen: boolean }
	| { readonly kind: 'delete'; readonly index: number }
	| { readonly kind: 'wait'; readonly ms: number }
	| { readonly kind: 'poll' }
	| { readonly kind: 'failing poll'; readonly after: number };

const WAITS = [1, 400, 1000, MINUTE_MS, OVERLAP_MS - 1, OVERLAP_MS, 3 * 60 * MINUTE_MS];
const write: fc.Arbitrary<Step> = fc.oneof(
	fc.record({
		kind: fc.constant('insert'),
		isOpen: fc.boolean(),
		lateMs: fc.constantFrom(0, 0, 0, 1, 900, 5 * MINUTE_MS),
	}),
	fc.record({ kind: fc.constant('update'), index: fc.nat(), isOpen: fc.boolean() }),
	fc.record({ kind: fc.constant('delete'), index: fc.nat() }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
	{ arbitrary: write, weight: 6 },
	{
		arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(...WAITS) }),
		weight: 3,
	},
	{ arbitrary: fc.record({ kind: fc.constant('poll') }), weight: 3 },
	{
		arbitrary: fc.record({ kind: fc.constant('failing poll'), after: fc.nat({ max: 6 }) }),
		weight: 1,
	},
);

afterEach(() => void vi.useRealTimers());

async function carryOut(world: ChangeWorld, given: Step): Promise<void> {
	const pick = (index: number): string | undefined => world.ids[index % world.ids.length];
	switch (given.kind) {
		case 'insert':
			await world.late(given.lateMs, async () => await world.insert(given.isOpen));
			return;
		case 'update': {
			const id = pick(given.index);
			if (id !== undefined) await world.update(id, given.isOpen);
			return;
		}
		case 'delete': {
			const id = pick(given.index);
			if (id !== undefined) await world.remove(id);
			return;
		}
		case 'wait':
			world.wait(given.ms);
	}
}

/** What there is, and what of it the watch sees. */
interface Snapshot {
	readonly all: ReadonlyMap<string, string>;
	readonly seen: ReadonlyMap<string, string>;
}

function snapshot(world: ChangeWorld, { query }: Watch): Snapshot {
	return { all: world.heads(null), seen: world.heads(query) };
}

function expected(before: Snapshot, now: Snapshot): string[] {
	const words: string[] = [];
	for (const [id, version] of now.seen) {
		if (!before.all.has(id)) words.push(`inserted ${id}@${version}`);
		else if (before.all.get(id) !== version) words.push(`updated ${id}@${version}`);
	}
	for (const id of before.seen.keys()) if (!now.all.has(id)) words.push(`deleted ${id}`);
	return words.sort();
}

const FAILURE = 'The connection is gone';

async function failingPoll(
	world: ChangeWorld,
	watch: Watch,
	kept: unknown,
	after: number,
): Promise<void> {
	let requests = 0;
	const before = async (): Promise<void> => {
		if (requests++ >= after) throw new Error(FAILURE);
	};
	// A poll with fewer requests ends well; nobody takes what it found.
	await world.poll(watch, kept, before).catch((error: Error) => {
		if (error.message !== FAILURE) throw error;
	});
}

describe('changes between polls', () => {
	test.each([
		['everything', null, 0],
		['everything, far east', null, 330],
		['a query', OPEN_SAMPLES, 0],
		['a query, in the west', OPEN_SAMPLES, -180],
	])('of %s are each found once, whatever happens when', async (_what, query, utcOffset) => {
		const watch = watchOf({ query });
		await fc.assert(
			fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
				const world = await ChangeWorld.open({ utcOffset });
				let { cursor: kept } = await world.poll(watch, undefined);
				let before = snapshot(world, watch);
				for (const given of [...steps, { kind: 'poll' as const }, { kind: 'poll' as const }]) {
					if (given.kind === 'failing poll') await failingPoll(world, watch, kept, given.after);
					else if (given.kind !== 'poll') await carryOut(world, given);
					else {
						const found = await world.poll(watch, kept);
						const now = snapshot(world, watch);
						expect(found.changes.map(changeWord).sort()).toEqual(expected(before, now));
						[kept, before] = [found.cursor, now];
					}
				}
				await world.emulator.stop();
			}),
			{ numRuns: 25 },
		);
	});

	test.each([
		['with deletions', EVERY_EVENT],
		['without deletions', ['inserted', 'updated'] as const],
	])(
		'are each found once while others write and few are taken at a time, %s',
		async (_what, events) => {
			const writes = fc.array(fc.tuple(fc.nat({ max: 12 }), write), { maxLength: 6 });
			const round = fc.record({ waitMs: fc.constantFrom(...WAITS), writes });
			const rounds = fc.array(round, { minLength: 2, maxLength: 10 });
			await fc.assert(
				fc.asyncProperty(rounds, fc.integer({ min: 1, max: 4 }), async (all, limit) => {
					const world = await ChangeWorld.open();
					const poller = new MirroringPoller(world, watchOf({ limit, events }));
					await poller.begin();
					for (const { waitMs, writes: due } of all) {
						world.wait(waitMs);
						await poller.poll(due);
					}
					while (await poller.poll([]));
					poller.expectToBeEqual();
					await world.emulator.stop();
				}),
				{ numRuns: 60 },
			);
		},
	);
});

/** Polls and keeps a copy of the server by what the polls tell. */
class MirroringPoller {
	readonly #world: ChangeWorld;
	readonly #watch: Watch;
	#kept: unknown;
	#mirror = new Map<string, string>();
	readonly #words: string[] = [];

	constructor(world: ChangeWorld, watch: Watch) {
		this.#world = world;
		this.#watch = watch;
	}

	async begin(): Promise<void> {
		this.#kept = (await this.#world.poll(this.#watch, undefined)).cursor;
		this.#mirror = this.#world.heads(null);
	}

	/** Carries steps out before requests of a poll; returns whether another one may find something. */
	async poll(due: ReadonlyArray<readonly [number, Step]>): Promise<boolean> {
		let requests = 0;
		const found = await this.#world.poll(this.#watch, this.#kept, async () => {
			const at = requests++;
			for (const [when, given] of due) if (when === at) await carryOut(this.#world, given);
		});
		this.#kept = found.cursor;
		expect(found.changes.length).toBeLessThanOrEqual(this.#watch.limit);
		for (const change of found.changes) this.#take(change);
		return found.hasMore || found.changes.length > 0;
	}

	#take(change: EntityChange): void {
		const word = changeWord(change);
		const { event, id, version } = change;
		this.#words.push(word);
		expect([word, this.#mirror.has(id)]).toEqual([word, event !== 'inserted']);
		if (version === null) this.#mirror.delete(id);
		else this.#mirror.set(id, version);
	}

	expectToBeEqual(): void {
		expect(this.#words.length).toBe(new Set(this.#words).size);
		const heads = this.#world.heads(null);
		const isDeletedTold = this.#watch.events.includes('deleted');
		const mirror = [...this.#mirror].filter(([id]) => isDeletedTold || heads.has(id));
		expect(new Map(mirror)).toEqual(heads);
	}
}
