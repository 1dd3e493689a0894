import { afterEach, describe, expect, test, vi } from 'vitest';

import { SeenVersions } from '../../lib/entity/changes/seen-versions.ts';
import { findChanges, sampleChange } from '../../lib/entity/index.ts';
import {
	ChangeWorld,
	MINUTE_MS,
	OPEN_SAMPLES,
	OVERLAP_MS,
	changeWord,
	stored,
	watchOf,
} from './change-world.ts';
import { ManyEntities } from './many-entities.ts';

afterEach(() => void vi.useRealTimers());

const { signal } = new AbortController();

describe('a watch', () => {
	test('begins with a mark and no event', async () => {
		const world = await ChangeWorld.open();
		await world.insert(true);
		const first = await world.poll(watchOf(), undefined);
		expect([first.changes, first.isFirst]).toEqual([[], true]);
		const second = await world.poll(watchOf(), first.cursor);
		expect([second.changes, second.isFirst]).toEqual([[], false]);
	});

	test('tells what, when and who', async () => {
		const world = await ChangeWorld.open({ utcOffset: 120 });
		const { cursor } = await world.poll(watchOf(), undefined);
		world.wait(MINUTE_MS);
		const id = await world.insert(true);
		const { changes } = await world.poll(watchOf(), cursor);
		const version = world.heads(null).get(id);
		const about = { role: 'Record', name: 'S0', path: null, username: 'admin' };
		expect(changes).toEqual([
			{ event: 'inserted', id, version, ...about, time: '2026-10-25T00:31:00.000Z' },
		]);
	});

	test('asks once when nothing was written', async () => {
		const world = await ChangeWorld.open();
		await world.insert(true);
		const marked = await world.poll(watchOf(), undefined);
		let requests = 0;
		const idle = await world.poll(watchOf(), marked.cursor, async () => void requests++);
		expect([requests, idle.changes]).toEqual([1, []]);
		expect(idle.cursor).toEqual(marked.cursor);
		world.wait(61 * MINUTE_MS);
		const thorough = await world.poll(watchOf(), idle.cursor, async () => void requests++);
		expect([requests > 5, thorough.changes]).toEqual([true, []]);
	});

	test('of a query tells neither what others see nor what leaves it', async () => {
		const world = await ChangeWorld.open();
		const watch = watchOf({ query: OPEN_SAMPLES });
		const [leaving, hidden] = [await world.insert(true), await world.insert(false)];
		const marked = await world.poll(watch, undefined);
		await world.update(leaving, false);
		await world.update(hidden, false);
		const left = await world.poll(watch, marked.cursor);
		expect(left.changes).toEqual([]);
		await world.remove(leaving);
		await world.update(hidden, true);
		const { changes } = await world.poll(watch, left.cursor);
		expect(changes.map(({ event, id }) => [event, id])).toEqual([['updated', hidden]]);
	});

	test('tells what its query finds now because something else changed', async () => {
		const world = await ChangeWorld.open();
		const [type] = await world.client.insert('<RecordType name="Special"/>');
		const id = await world.insert(true);
		const watch = watchOf({ query: 'FIND RECORD Special' });
		const marked = await world.poll(watch, undefined);
		world.wait(60 * MINUTE_MS);
		const sample = [...world.emulator.store.named('Sample')][0]?.id ?? '';
		const special = type?.attributes.get('id') ?? '';
		await world.client.update(
			`<RecordType id="${sample}" name="Sample"><Parent id="${special}"/></RecordType>`,
		);
		const { changes } = await world.poll(watch, marked.cursor);
		expect(changes.map(({ event, id: changed }) => [event, changed])).toEqual([['updated', id]]);
	});

	test('begins anew for another query, server or choice of events', async () => {
		const world = await ChangeWorld.open();
		const { cursor } = await world.poll(watchOf(), undefined);
		await world.insert(true);
		const others = [{ query: OPEN_SAMPLES }, { server: 'there' }, { events: ['deleted'] as const }];
		for (const other of others) {
			const found = await world.poll(watchOf(other), cursor);
			expect([found.isFirst, found.changes]).toEqual([true, []]);
		}
		const same = await world.poll(watchOf({ limit: 5 }), cursor);
		expect([same.isFirst, same.changes.length]).toEqual([false, 1]);
	});

	test('refuses a mark that is none, and a query that finds nothing', async () => {
		const world = await ChangeWorld.open();
		await expect(world.poll(watchOf(), { format: 1 })).rejects.toMatchObject({
			code: 'invalid_option',
			message: 'The mark of the last poll cannot be read',
		});
		await expect(world.poll(watchOf({ query: 'COUNT Sample' }), undefined)).rejects.toMatchObject({
			code: 'invalid_option',
			message: 'The query to watch does not begin with FIND',
		});
	});

	test('ends when somebody writes between the pages of every attempt, and loses nothing', async () => {
		const world = await ChangeWorld.open();
		const marked = await world.poll(watchOf(), undefined);
		const records = Array.from({ length: 600 }, () => '<Record><Parent name="Sample"/></Record>');
		await world.client.insert(records.join(''));
		const poll = world.poll(watchOf(), marked.cursor, async () => void (await world.insert(true)));
		await expect(poll).rejects.toMatchObject({ code: 'server_changed' });
		const made = world.ids.length;
		expect(made).toBeGreaterThan(8);
		const { changes } = await world.poll(watchOf(), marked.cursor);
		expect(changes).toHaveLength(600 + made);
	});

	test('goes on when the clock of the server is set back', async () => {
		const world = await ChangeWorld.open();
		const marked = await world.poll(watchOf(), undefined);
		world.wait(-5 * 60 * MINUTE_MS);
		const id = await world.insert(true);
		const { changes } = await world.poll(watchOf(), marked.cursor);
		expect(changes.map(({ event, id: changed }) => [event, changed])).toEqual([['inserted', id]]);
	});

	test('shows the newest entity as a sample, or none', async () => {
		const world = await ChangeWorld.open();
		const server = world.server();
		const watch = watchOf({ query: 'FIND RECORD' });
		expect(await sampleChange(server, watch)).toBeUndefined();
		await world.insert(true);
		const id = await world.insert(false);
		expect(await sampleChange(server, watch)).toMatchObject({ event: 'inserted', id });
		await world.update(id, true);
		expect(await sampleChange(server, watch)).toMatchObject({ event: 'updated', id });
	});

	test('is cancelled before it asks anything', async () => {
		const world = await ChangeWorld.open();
		const server = world.server();
		const stopped = findChanges(server, watchOf(), undefined, AbortSignal.abort());
		await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
	});
});

describe('a large number of changes', () => {
	test('of one moment is taken in parts, each once, with a small mark', async () => {
		const server = new ManyEntities();
		const watch = watchOf({ limit: 25_000, events: ['inserted', 'updated'] });
		let kept = stored((await findChanges(server, watch, undefined, signal)).cursor);
		server.insert(60_000);
		server.wait(1000);
		const words = new Set<string>();
		let polls = 0;
		for (let hasMore = true; hasMore; polls++) {
			const found = await findChanges(server, watch, kept, signal);
			for (const change of found.changes) words.add(changeWord(change));
			hasMore = found.hasMore;
			kept = stored(found.cursor);
			expect(JSON.stringify(kept).length).toBeLessThan(500_000);
		}
		expect([polls, words.size]).toEqual([3, 60_000]);
		expect((await findChanges(server, watch, kept, signal)).changes).toEqual([]);
		server.wait(OVERLAP_MS + 1000);
		server.touch(7);
		const { changes, cursor } = await findChanges(server, watch, kept, signal);
		expect(changes.map(({ event }) => event)).toEqual(Array(7).fill('updated'));
		expect(JSON.stringify(cursor).length).toBeLessThan(1000);
	});

	test('is known by few characters, or is refused', async () => {
		const server = new ManyEntities();
		server.insert(100_000);
		const { cursor } = await findChanges(server, watchOf(), undefined, signal);
		expect(cursor.known?.length).toBeLessThan(100);
		server.remove(9);
		const { changes } = await findChanges(server, watchOf(), stored(cursor), signal);
		expect(changes).toHaveLength(9);

		const scattered = new ManyEntities((count) => `${count}-${Math.sin(count)}`);
		scattered.insert(100_000);
		const watching = findChanges(scattered, watchOf(), undefined, signal);
		await expect(watching).rejects.toMatchObject({ code: 'limit_exceeded' });
		const events = ['inserted', 'updated'] as const;
		const without = await findChanges(scattered, watchOf({ events }), undefined, signal);
		expect(without.cursor.known).toBeNull();
	});

	test('is listed by a plain query where ids cannot be selected', async () => {
		const server = new ManyEntities();
		server.insert(3);
		server.selects = false;
		const { cursor } = await findChanges(server, watchOf(), undefined, signal);
		server.remove(1);
		const { changes } = await findChanges(server, watchOf(), stored(cursor), signal);
		expect(changes.map(({ event, id }) => [event, id])).toEqual([['deleted', '100']]);
	});
});

test('versions that were seen are told from others', () => {
	const seen = new SeenVersions();
	for (let id = 0; id < 300; id++) seen.add(String(id), `v${id}`);
	const again = SeenVersions.fromText(seen.toText());
	expect([again.size, again.hasEntity('7'), again.hasEntity('v7')]).toEqual([300, true, false]);
	expect([again.has('7', 'v7'), again.has('7', 'v8'), again.has('8', 'v7')]).toEqual([
		...[true, false, false],
	]);
	expect(seen.toText().length).toBeLessThan(300 * 19);
});
