import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import { type Entity, newEntity, newParent, newProperty } from '../../lib/entity/index.ts';
import { type Emulator, FAULT_KINDS, type Fault } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { ImportWorld, allOf, happened } from './import-world.ts';

const CONTENT = Buffer.from('content of a file');

/** All that makes an insert hard to recognise afterwards: names, cycles, records without names, files. */
function laboratory(): Entity[] {
	const type = newParent({ id: '-101', name: 'Sample' });
	const reference = (value: string) =>
		newProperty({ id: '-101', name: 'Sample', datatype: 'Sample', value });
	const record = (id: string, name: string | null, value: string): Entity =>
		newEntity('Record', { id, name, parents: [type], properties: [reference(value)] });
	return [
		newEntity('RecordType', { id: '-101', name: 'Sample' }),
		newEntity('File', { id: '-102', path: '/raw.txt', parents: [type] }),
		record('-103', 'in a circle', '-104'),
		record('-104', null, '-103'),
		record('-105', null, '-104'),
		record('-106', 'last', '-105'),
	];
}

const RULES = { batchSize: 2, parallel: 2 };
const OPTIONS = { rules: RULES, files: { '/raw.txt': CONTENT } };

/** What the target has, with ids by the order of insertion left out. */
function shape(entities: readonly Entity[]): unknown[] {
	const labelOf = new Map(
		entities.map(({ id, name, path, properties }) => [
			id,
			name ??
				path ??
				`refers to ${entities.find((one) => one.id === properties[0]?.value)?.name ?? 'one without a name'}`,
		]),
	);
	return entities
		.map(({ role, id, parents, properties }) => [
			...[role, labelOf.get(id)],
			parents.map((parent) => labelOf.get(parent.id)),
			properties.map(({ value }) => labelOf.get(String(value))),
		])
		.sort((a, b) => String(a[1]).localeCompare(String(b[1])));
}

async function cleanShape(): Promise<unknown[]> {
	const { emulator } = await testEmulator();
	const result = await (await ImportWorld.open()).import(emulator, laboratory(), OPTIONS);
	expect(happened(result)).toEqual({ insert: 6 });
	return shape(await allOf(emulator));
}

const FAULTS: readonly Fault[] = [
	{ kind: 'cut-before' },
	{ kind: 'unanswered' },
	{ kind: 'cut-inside' },
	{ kind: 'cut-after' },
	{ kind: 'status', status: 500 },
	{ kind: 'status', status: 502, html: true },
	{ kind: 'status', status: 401 },
	{ kind: 'status', status: 413 },
	{ kind: 'slow', delay: 20 },
	{ kind: 'redirect', location: 'http://127.0.0.1:1/' },
	{ kind: 'html' },
	{ kind: 'cut-xml' },
	{ kind: 'empty' },
	{ kind: 'changed-etag' },
	{ kind: 'short-page' },
	{ kind: 'refuse', name: 'last', code: 0 },
	{ kind: 'no-ids' },
	{ kind: 'cleared-cookie' },
	{ kind: 'url-limit', length: '/Entity/Sample'.length, status: 414 },
	{ kind: 'wrong-checksum' },
];

test('every failure that the server double knows is tried', () => {
	// An id that is nobody's cannot be told from a right one at once: it has a test of its own.
	const tried = [...FAULTS.map(({ kind }) => kind), 'string-id'];
	expect([...new Set(tried)].sort()).toEqual([...FAULT_KINDS].sort());
});

/** Runs until one import comes through; a failure must be one that the person can act on. */
async function importAtLast(world: ImportWorld, emulator: Emulator): Promise<number> {
	for (let run = 1; ; run++) {
		try {
			await world.import(emulator, laboratory(), OPTIONS);
			return run;
		} catch (error) {
			if (!(error instanceof EngineError) || error.code === 'internal' || run > 2) throw error;
			expect(error.remedy).toBeTruthy();
			emulator.faults.clear();
		}
	}
}

/** How many requests an import without failures makes. */
async function requestCount(): Promise<number> {
	const { emulator } = await testEmulator();
	emulator.faults.add({ fault: { kind: 'slow', delay: 0 }, times: 0 });
	await (await ImportWorld.open()).import(emulator, laboratory(), OPTIONS);
	return emulator.faults.list()[0]?.seen ?? 0;
}

describe('nothing is lost or doubled by a failure at any request', () => {
	test.each(FAULTS)('%j', async (fault) => {
		const [expected, requests] = [await cleanShape(), await requestCount()];
		expect(requests).toBeGreaterThan(5);
		for (let skip = 0; skip < requests; skip++) {
			const { emulator } = await testEmulator();
			const world = await ImportWorld.open();
			emulator.faults.add({ fault, skip });
			await importAtLast(world, emulator);
			emulator.faults.clear();
			expect([skip, shape(await allOf(emulator))]).toEqual([skip, expected]);
			const again = await world.import(emulator, laboratory(), OPTIONS);
			expect(happened(again)).toEqual({ unchanged: 6 });
		}
	});
});

describe('a server that is gone from some request on', () => {
	test.each<Fault>([{ kind: 'cut-before' }, { kind: 'unanswered' }, { kind: 'cut-inside' }])(
		'ends the import, and the next one goes on ($kind)',
		async (fault) => {
			const [expected, requests] = [await cleanShape(), await requestCount()];
			for (let skip = 0; skip < requests; skip++) {
				const { emulator } = await testEmulator();
				const world = await ImportWorld.open();
				emulator.faults.add({ fault, skip, times: 0 });
				await expect(world.import(emulator, laboratory(), OPTIONS)).rejects.toBeInstanceOf(
					EngineError,
				);
				emulator.faults.clear();
				await world.import(emulator, laboratory(), OPTIONS);
				expect([skip, shape(await allOf(emulator))]).toEqual([skip, expected]);
			}
		},
	);
});

test('an id in an answer that the server does not know stops the next import, and nothing is doubled', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	emulator.faults.add({ fault: { kind: 'string-id' }, method: 'POST', path: '^/Entity', skip: 2 });
	await world.import(emulator, laboratory(), OPTIONS).catch(() => undefined);
	emulator.faults.clear();
	const count = (await allOf(emulator)).length;
	await expect(world.import(emulator, laboratory(), OPTIONS)).rejects.toMatchObject({
		code: 'import_conflict',
		message: expect.stringContaining('which the target has no more'),
	});
	expect(await allOf(emulator)).toHaveLength(count);
});

describe('requests that were made ready while others were under way', () => {
	const COUNT = 12;
	/** Under way and made ready. */
	const AT_ONCE = 4;
	const WIDE = { rules: { batchSize: 1, parallel: 2 } };

	/** Nothing in it needs another one but the type, so that as much as may is under way at once. */
	function wide(): Entity[] {
		const type = newParent({ id: '-101', name: 'Sample' });
		const records = Array.from({ length: COUNT }, (_, index) =>
			newEntity('Record', { id: `-${102 + index}`, name: `record ${index}`, parents: [type] }),
		);
		return [newEntity('RecordType', { id: '-101', name: 'Sample' }), ...records];
	}

	async function inserted(emulator: Emulator): Promise<number> {
		return (await allOf(emulator)).filter(({ role }) => role === 'Record').length;
	}

	test('are not sent after a failure, and leave nothing to look up', async () => {
		for (let failing = 0; failing < COUNT; failing++) {
			const { emulator } = await testEmulator();
			const world = await ImportWorld.open();
			const fault = { kind: 'refuse', name: `record ${failing}`, code: 0 } as const;
			emulator.faults.add({ fault, method: 'POST', times: 0 });
			await expect(world.import(emulator, wide(), WIDE)).rejects.toMatchObject({
				code: 'server_refused',
			});
			// Those of the same moment may have come through, the many behind them not.
			const done = await inserted(emulator);
			expect(Math.abs(done - failing)).toBeLessThanOrEqual(AT_ONCE);
			expect(await readdir(join(world.folder, 'a-b.journal'))).toEqual([]);
			emulator.faults.clear();
			const { counts, warnings } = await world.import(emulator, wide(), WIDE);
			expect(warnings).toEqual([]);
			expect(counts.insert + counts.unchanged).toBe(COUNT + 1);
			expect(await inserted(emulator)).toBe(COUNT);
		}
	});

	test('are not sent after a cancel', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		const cancel = new AbortController();
		emulator.faults.add({ fault: { kind: 'slow', delay: 300 }, method: 'POST', skip: 4, times: 0 });
		const run = world.import(emulator, wide(), { ...WIDE, signal: cancel.signal });
		await expect.poll(() => emulator.faults.list()[0]?.seen ?? 0).toBeGreaterThan(5);
		cancel.abort();
		await expect(run).rejects.toMatchObject({ code: 'cancelled' });
		const open = await readdir(join(world.folder, 'a-b.journal'));
		expect(open.length).toBeLessThanOrEqual(WIDE.rules.parallel);
		emulator.faults.clear();
		await world.import(emulator, wide(), WIDE);
		expect(await inserted(emulator)).toBe(COUNT);
	});

	test.each(FAULTS)('are sent once, whatever fails: %j', async (fault) => {
		for (let skip = 0; skip < COUNT; skip++) {
			const { emulator } = await testEmulator();
			const world = await ImportWorld.open();
			emulator.faults.add({ fault, method: 'POST', path: '^/Entity', skip });
			for (let run = 1; run <= 3; run++) {
				const ended = await world.import(emulator, wide(), WIDE).then(
					() => true,
					(error: unknown) => {
						if (!(error instanceof EngineError) || error.code === 'internal') throw error;
						return false;
					},
				);
				emulator.faults.clear();
				if (ended) break;
			}
			expect([skip, await inserted(emulator)]).toEqual([skip, COUNT]);
			const again = await world.import(emulator, wide(), WIDE);
			expect(happened(again)).toEqual({ unchanged: COUNT + 1 });
		}
	});
});

describe('after a failure', () => {
	test('what this run inserted is deleted again, when that is chosen', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		const [type] = laboratory();
		if (type === undefined) throw new Error('There is no type.');
		await world.import(emulator, [type]);
		emulator.faults.add({
			fault: { kind: 'refuse', name: 'last', code: 0 },
			times: 0,
			method: 'POST',
		});
		const run = world.import(emulator, laboratory(), {
			...OPTIONS,
			rules: { ...RULES, onFailure: 'undo' },
		});
		await expect(run).rejects.toMatchObject({
			code: 'server_refused',
			message: expect.stringMatching(
				/Record 'last' \(id -106\): Refused on purpose.*was deleted again$/,
			),
		});
		expect((await allOf(emulator)).map(({ name }) => name)).toEqual(['Sample']);
		emulator.faults.clear();
		expect(happened(await world.import(emulator, laboratory(), OPTIONS))).toEqual({
			...{ insert: 5, unchanged: 1 },
		});
	});

	test('what was done before stays for the next run', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		emulator.faults.add({
			fault: { kind: 'refuse', name: 'last', code: 0 },
			method: 'POST',
			times: 0,
		});
		await expect(world.import(emulator, laboratory(), OPTIONS)).rejects.toMatchObject({
			message: expect.stringContaining('the next run goes on after them'),
		});
		emulator.faults.clear();
		const result = await world.import(emulator, laboratory(), OPTIONS);
		expect(result.counts.unchanged).toBeGreaterThan(0);
		expect(await allOf(emulator)).toHaveLength(6);
	});
});

describe('an insert whose answer is lost', () => {
	test('is found by what was sent, and the import goes on', async () => {
		const { emulator } = await testEmulator();
		emulator.faults.add({
			fault: { kind: 'unanswered' },
			method: 'POST',
			path: '^/Entity',
			times: 0,
		});
		const result = await (await ImportWorld.open()).import(emulator, laboratory(), OPTIONS);
		expect(happened(result)).toEqual({ insert: 6 });
		expect(shape(await allOf(emulator))).toEqual(await cleanShape());
	});

	test('stops the import with the candidates when that does not decide', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		const twins = ['-102', '-103'].map((id) =>
			newEntity('Record', { id, parents: [newParent({ id: '-101', name: 'Sample' })] }),
		);
		const [type] = laboratory();
		if (type === undefined) throw new Error('There is no type.');
		await world.import(emulator, [type]);
		// One of the two was made by somebody else with the same account just before.
		emulator.faults.add({ fault: { kind: 'unanswered' }, method: 'POST', path: '^/Entity' });
		await (await ImportWorld.open()).import(emulator, [type, ...twins.slice(0, 1)]);
		emulator.faults.add({ fault: { kind: 'unanswered' }, method: 'POST', path: '^/Entity' });
		const run = world.import(emulator, [type, ...twins]);
		await expect(run).rejects.toMatchObject({
			code: 'import_undecided',
			message: expect.stringContaining('candidates are Record (id '),
		});
		// Once a person has deleted the stranger, it goes on without a duplicate.
		const strangers = (await allOf(emulator)).filter(({ role }) => role === 'Record');
		expect(strangers).toHaveLength(3);
	});
});
