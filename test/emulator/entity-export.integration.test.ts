import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { exportTo, exportedFile } from '../entity/export-to.ts';
import { type LaboratoryIds, fillLaboratory, insertFile } from '../entity/laboratory.ts';
import { RawClient } from './raw-client.ts';
import { type World, openWorld, runScenario } from './scenario.ts';

async function filledWorld(): Promise<{
	readonly world: World;
	readonly raw: RawClient;
	readonly ids: LaboratoryIds;
}> {
	const world = await openWorld();
	const raw = new RawClient(world.emulator);
	return { world, raw, ids: await fillLaboratory(raw) };
}

/** Our export of a world, unpacked beside it; the path of its document. */
async function unpacked({ emulator, folder }: World, ids: 'keep' | 'temporary'): Promise<string> {
	await exportTo(emulator, folder, { export: { ids } });
	execFileSync('tar', ['-xf', exportedFile(folder), '-C', folder]);
	return join(folder, 'linkahead_data.xml');
}

describe('the official client and our export', () => {
	it('reads from it what it retrieves itself', async () => {
		const { world, raw } = await filledWorld();
		await insertFile(raw, '/lab/ü.txt', 'content');
		const document = await unpacked(world, 'keep');
		const count = await runScenario(world, 'exports.same_as_on_the_server', { document });
		expect(count).toBe(17);
	});

	it('inserts it into an empty server', async () => {
		const { world } = await filledWorld();
		const { emulator: other } = await openWorld();
		const document = await unpacked(world, 'temporary');
		const given = { document, other: other.url };
		expect(await runScenario(world, 'exports.insert_into_another', given)).toBe(16);
		const heads = [...other.store.heads()].filter(({ id }) => Number(id) > 99);
		const idOf = (name: string): string | undefined =>
			heads.find((entity) => entity.name === name)?.id;
		const sample = heads.find(({ name }) => name === 'S1');
		const valueOf = (name: string): unknown =>
			sample?.properties.find(({ id }) => id === idOf(name))?.value;
		expect(heads).toHaveLength(16);
		expect(valueOf('next')).toBe(idOf('S2'));
		expect(valueOf('with')).toEqual([idOf('D1'), null]);
		expect(valueOf('tags')).toEqual(['red', '', null]);
		expect(sample?.parents).toEqual([idOf('Sample')]);
	});

	it('imports our bundle with its own tool, contents of files included', async () => {
		const { world, raw, ids } = await filledWorld();
		// The tool ends with an exception at every query template.
		await raw.remove(ids['Heavy'] ?? '');
		await insertFile(raw, '/lab/one.txt', 'content');
		const { emulator: other } = await openWorld();
		const document = await unpacked(world, 'temporary');
		await runScenario(world, 'exports.import_bundle', { document, other: other.url });
		expect(await readFile(join(other.folder, 'lab/one.txt'), 'utf8')).toBe('content');
		const names = [...other.store.heads()].map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining(['Sample', 'S1', 'S2', 'S3', 'D1']));
	});
});
