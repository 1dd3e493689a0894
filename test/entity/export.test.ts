import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { NO_PROGRESS } from '../../lib/core/index.ts';
import {
	type CaosDbClient,
	type Entity,
	type ExportOptions,
	type ExportSummary,
	IdNumbers,
	IdSet,
	exportEntities,
} from '../../lib/entity/index.ts';
import { fillLaboratory } from './laboratory.ts';
import { testClient } from './test-client.ts';

const SAMPLES: ExportOptions = {
	selection: { kind: 'query', query: 'FIND RECORD Sample WITH name=S1' },
	...{ needed: true, referenceDepth: 0, backReferences: false, ids: 'temporary' },
	...{ acl: false, state: false, versions: true },
};

async function exported(
	client: CaosDbClient,
	options: Partial<ExportOptions>,
): Promise<{ entities: Entity[]; summary: ExportSummary; names: string[] }> {
	const context = { signal: new AbortController().signal, progress: NO_PROGRESS };
	const made = exportEntities(client, { ...SAMPLES, ...options }, context);
	const entities: Entity[] = [];
	for await (const entity of made.entities) entities.push(entity);
	const names = entities.map(({ name }) => name ?? '').sort();
	expect(new Set(entities.map(({ id }) => id)).size).toBe(entities.length);
	return { entities, summary: made.summary(), names };
}

const MODEL = ['Device', 'Sample', 'Thing', 'next', 'remark', 'tags', 'weight', 'with'];

describe('what is exported', () => {
	test.each<[string, Partial<ExportOptions>, readonly string[], number]>([
		['the selection alone', { needed: false }, ['S1'], 8],
		['what is needed', {}, ['S1', ...MODEL], 2],
		['references, one step', { referenceDepth: 1 }, ['D1', 'S1', 'S2', ...MODEL], 1],
		['references, two steps', { referenceDepth: 2 }, ['D1', 'S1', 'S2', 'S3', ...MODEL], 0],
		['references without model', { referenceDepth: 9, needed: false }, ['D1', 'S1', 'S2', 'S3'], 7],
		['back references', { backReferences: true }, ['S1', 'S3', ...MODEL], 2],
	])('%s', async (_what, options, names, notExported) => {
		const { client, raw } = await testClient();
		await fillLaboratory(raw);
		const made = await exported(client, options);
		expect(made.names).toEqual([...names].sort());
		expect(made.summary).toMatchObject({ entities: names.length, notExported });
	});

	test('everything', async () => {
		const { client, raw } = await testClient();
		const ids = await fillLaboratory(raw);
		const { names, summary } = await exported(client, { selection: { kind: 'all' } });
		expect(names).toEqual(Object.keys(ids).sort());
		expect(summary.byRole).toMatchObject({ QueryTemplate: 1, Record: 5 });
		expect(summary.notExported).toBe(0);
	});

	test('by ids and by names; what is not there is an error', async () => {
		const { client, raw } = await testClient();
		const ids = await fillLaboratory(raw);
		const wanted = [ids['S2'] ?? '', ids['U1'] ?? ''];
		const byIds = await exported(client, {
			selection: { kind: 'ids', ids: wanted },
			needed: false,
		});
		expect(byIds.names).toEqual(['S2', 'U1']);
		const names = ['S1', 'Heavy'];
		const byNames = await exported(client, { selection: { kind: 'names', names }, needed: false });
		expect(byNames.names).toEqual(['Heavy', 'S1']);
		for (const selection of [
			{ kind: 'ids', ids: ['99999'] },
			{ kind: 'names', names: ['nobody'] },
		] as const) {
			await expect(exported(client, { selection })).rejects.toMatchObject({
				code: 'entity_missing',
			});
		}
		await expect(
			exported(client, { selection: { kind: 'query', query: 'SELECT a FROM b' } }),
		).rejects.toMatchObject({ code: 'invalid_option' });
	});
});

test('values stay as they are, and ids become temporary everywhere', async () => {
	const { client, raw } = await testClient({ pretty: true });
	const ids = await fillLaboratory(raw);
	const { entities } = await exported(client, { referenceDepth: 2 });
	const record = entities.find(({ name }) => name === 'S1');
	const values = Object.fromEntries(
		record?.properties.map(({ name, value }) => [name, value]) ?? [],
	);
	expect(record?.id).toBe(`-${ids['S1']}`);
	expect(record?.parents[0]?.id).toBe(`-${ids['Sample']}`);
	expect(values).toEqual({
		weight: '1e3',
		remark: '  a\nb\t',
		tags: ['red', '', null],
		next: `-${ids['S2']}`,
		with: [`-${ids['D1']}`, null],
	});
	expect(record?.properties.map(({ id }) => id?.startsWith('-'))).not.toContain(false);
	const kept = await exported(client, { ids: 'keep', needed: false });
	expect(kept.entities[0]?.properties.find(({ name }) => name === 'next')?.value).toBe(ids['S2']);
});

test('a reference to a version keeps it, and permissions come on request', async () => {
	const { client, raw } = await testClient();
	const ids = await fillLaboratory(raw);
	const [target] = await raw.retrieve(ids['S2'] ?? '');
	const version = target?.children.find(
		(child) => typeof child !== 'string' && child.name === 'Version',
	);
	const mark = typeof version === 'object' ? version.attributes.get('id') : '';
	const [made] = await raw.insert(
		`<Record name="V"><Parent name="Sample"/><Property name="weight">1</Property>` +
			`<Property name="next">${ids['S2']}@${mark}</Property></Record>`,
	);
	expect(made?.attributes.get('id')).toBeDefined();
	const selection = { kind: 'names', names: ['V'] } as const;
	const { entities, summary } = await exported(client, { selection, referenceDepth: 1, acl: true });
	const next = entities[0]?.properties.find(({ name }) => name === 'next');
	expect(next?.value).toBe(`-${ids['S2']}@${mark}`);
	expect(summary.versionedReferences).toBe(1);
	expect(entities.map(({ name }) => name)).toContain('S2');
	expect(entities[0]?.acl).not.toBeNull();
	expect((await exported(client, { selection })).entities[0]?.acl).toBeNull();
});

test('ids that are texts get temporary numbers', async () => {
	const { client, raw } = await testClient({ ids: 'string' });
	await fillLaboratory(raw);
	const { entities, names } = await exported(client, { referenceDepth: 5 });
	expect(names).toEqual(['D1', 'S1', 'S2', 'S3', ...MODEL].sort());
	expect(entities.map(({ id }) => /^-\d+$/.test(id ?? ''))).not.toContain(false);
	const own = new Map(entities.map(({ name, id }) => [name, id]));
	const record = entities.find(({ name }) => name === 'S1');
	expect(record?.properties.find(({ name }) => name === 'next')?.value).toBe(own.get('S2'));
});

test('each entity is fetched once', async () => {
	const { client, raw, emulator } = await testClient();
	await fillLaboratory(raw);
	emulator.times.clear();
	await exported(client, { referenceDepth: 3 });
	const counts = Object.fromEntries(emulator.times.list().map(({ kind, count }) => [kind, count]));
	// One page; then parents, properties and references; then what these lead to, twice.
	expect(counts['GET Entity?query']).toBe(1);
	expect(counts['GET Entity']).toBeLessThanOrEqual(4);
});

test('a set of ids counts as a set of texts does', () => {
	const ids = fc.array(fc.oneof(fc.nat(200_000).map(String), fc.constantFrom('a', '007', '-3')));
	fc.assert(
		fc.property(ids, ids, (some, others) => {
			const numbers = new IdNumbers();
			const [a, b] = [new IdSet(numbers), new IdSet(numbers)];
			const [x, y] = [new Set<string>(), new Set<string>()];
			for (const id of some) {
				expect(a.add(id)).toBe(!x.has(id));
				x.add(id);
			}
			for (const id of others) y.add((b.add(id), id));
			for (const id of [...some, ...others]) expect(a.has(id)).toBe(x.has(id));
			expect(a.countWithout(b)).toBe([...x].filter((id) => !y.has(id)).length);
		}),
	);
});
