import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import { expect, test } from 'vitest';

import type { IdKind } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { ImportWorld, happened } from './import-world.ts';
import { byId, exported } from './plain-entities.ts';
import { type RandomServer, anyServer } from './random-server.ts';
import { documentText } from './read-document.ts';

const RUNS = 15;

async function roundTrip(
	server: RandomServer,
	ids: 'keep' | 'temporary',
	kind: IdKind,
): Promise<void> {
	const [a, b] = [await testEmulator({ ids: kind }), await testEmulator()];
	const world = await ImportWorld.open();
	const { entities, files } = server;
	const rules = { batchSize: 3 };
	const start = await world.import(a.emulator, entities, { files, rules, pair: ['random', 'a'] });
	expect(happened(start)).toEqual({ insert: entities.length });
	// As text, as it would lie on a disk.
	const there = await exported(a.emulator, ids);
	const document = await documentText(there, true);
	const options = { files, rules } as const;
	const { rows } = await world.import(b.emulator, document, options);
	const idOf = new Map(rows.map(({ idBefore, idAfter }) => [idBefore ?? '', idAfter ?? '']));
	const here = await exported(b.emulator, 'keep');
	expect(byId(here, (id) => id)).toEqual(byId(there, (id) => idOf.get(id) ?? id));
	for (const [path, content] of Object.entries(files)) {
		expect(readFileSync(join(b.emulator.folder, path)).equals(content)).toBe(true);
	}
	if (kind === 'string' && ids === 'temporary') return;
	expect(happened(await world.import(b.emulator, document, options))).toEqual({
		unchanged: entities.length,
	});
}

test.each([
	['temporary', 'numeric'],
	['keep', 'numeric'],
	['temporary', 'string'],
	['keep', 'string'],
] as const)(
	'source → export (%s ids) → import → export is equal up to ids (%s)',
	async (ids, kind) => {
		await fc.assert(
			fc.asyncProperty(anyServer, async (server) => await roundTrip(server, ids, kind)),
			{ numRuns: RUNS },
		);
	},
);
