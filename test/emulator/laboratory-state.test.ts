import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { laboratoryState } from './laboratory-state.ts';
import { RawClient, entities, errorCodes } from './raw-client.ts';
import { testEmulator } from './test-emulator.ts';
import { attribute, childElements } from './xml-node.ts';
import { writeXml } from './xml-writer.ts';

describe('the laboratory', () => {
	it('is what a person may look through, with files that are what they should be', async () => {
		const folder = await temporaryFolder();
		const root = join(folder, 'root');
		const state = await laboratoryState(root, join(folder, 'external'), 300);
		const { client, emulator } = await testEmulator({ folder: root, state });
		const [query] = childElements(await client.query('COUNT ENTITY'), 'Query');
		expect(query && attribute(query, 'results')).toBe(String(8 + 6 + 300 + 300 + 1));
		const found = entities(await client.query('FIND RECORD Messung WITH Temperatur > 39'));
		expect(found.length).toBeGreaterThan(0);
		for (const file of entities(await client.query('FIND FILE'))) {
			const path = encodeURI(attribute(file, 'path') ?? '');
			const { body } = await client.send('GET', `/FileSystem${path}`);
			expect(createHash('sha512').update(body).digest('hex')).toBe(attribute(file, 'checksum'));
		}
		expect(await readFile(join(emulator.folder, 'uploaded.by')).catch(() => 'folder')).toBe(
			'folder',
		);
	});

	it('can be updated as it is: every entity passes the checks of an update', async () => {
		const folder = await temporaryFolder();
		const state = await laboratoryState(join(folder, 'root'), join(folder, 'external'), 50);
		const { emulator } = await testEmulator({ folder: join(folder, 'root'), state });
		const client = new RawClient(emulator, 'lea');
		const before = emulator.store.revision;
		const found = entities(await client.query('FIND ENTITY'));
		const body = `<Update>${found.map(writeXml).join('')}</Update>`;
		const root = (await client.send('PUT', '/Entity?uniquename=true', { body })).root();
		const updated = entities(root);
		expect(updated.flatMap(errorCodes)).toEqual([]);
		expect(errorCodes(root)).toEqual([]);
		expect(updated.length).toBe(8 + 6 + 300 + 50 + 1);
		expect(emulator.store.revision).toBe(before);
		expect(
			[...emulator.store.heads()].every(({ id }) => emulator.store.history(id).length === 1),
		).toBe(true);
	});
});
