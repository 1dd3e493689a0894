import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type Entity, newEntity, newParent, newProperty } from '../../lib/entity/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { ImportWorld, allOf, happened } from './import-world.ts';
import { documentOf } from './read-document.ts';

const TYPE = newEntity('RecordType', { id: '101', name: 'Sample' });

function record(id: string, name: string, value: string | null = null, version?: string): Entity {
	const mark = {
		...{ id: version ?? '', date: null, username: null, realm: null, head: null },
		...{ completeHistory: null, predecessors: [], successors: [] },
	};
	return newEntity('Record', {
		...{ id, name, parents: [newParent({ id: '101', name: 'Sample' })] },
		properties: [newProperty({ id: '101', name: 'Sample', datatype: 'Sample', value })],
		version: version === undefined ? null : mark,
	});
}

async function valueOf(emulator: Parameters<typeof allOf>[0], name: string): Promise<unknown> {
	return (await allOf(emulator)).find((entity) => entity.name === name)?.properties[0]?.value;
}

test('a reference to a version leads to the version that came of it', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	const entities = [record('110', 'A', '111@v1'), record('111', 'B', null, 'v1'), TYPE];
	expect(happened(await world.import(emulator, entities))).toEqual({ insert: 3 });
	const b = (await allOf(emulator)).find(({ name }) => name === 'B');
	expect(await valueOf(emulator, 'A')).toBe(`${b?.id ?? ''}@${b?.version?.id ?? ''}`);
	expect(happened(await world.import(emulator, entities))).toEqual({ unchanged: 3 });
});

test('a version that was never imported is a conflict, or the newest instead', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	const entities = [record('110', 'A', '111@v0'), record('111', 'B', null, 'v1'), TYPE];
	await expect(world.import(emulator, entities)).rejects.toMatchObject({
		code: 'import_conflict',
		message: expect.stringContaining('111@v0, a version that the target does not have'),
	});
	await world.import(emulator, entities, { rules: { otherVersions: 'newest' } });
	const b = (await allOf(emulator)).find(({ name }) => name === 'B');
	expect(await valueOf(emulator, 'A')).toBe(b?.id);
});

test('a reference out of the file is a conflict, unless an earlier import brought its target', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	await expect(world.import(emulator, [record('110', 'A', '111'), TYPE])).rejects.toMatchObject({
		code: 'import_conflict',
		message: expect.stringContaining("property 'Sample' refers to 111"),
	});
	expect(await allOf(emulator)).toEqual([]);
	await world.import(emulator, [record('111', 'B'), TYPE]);
	const rules = { onMissing: 'ignore' } as const;
	// In the other kind of ids, too.
	const temporary = {
		...record('-110', 'A', '-111'),
		parents: [newParent({ id: '-101', name: 'Sample' })],
	};
	const result = await world.import(emulator, [temporary], { rules });
	expect(happened(result)).toEqual({ insert: 1 });
	const b = (await allOf(emulator)).find(({ name }) => name === 'B');
	expect(await valueOf(emulator, 'A')).toBe(b?.id);
});

test('parents, properties and data types are found by name where the file does not have them', async () => {
	const { emulator } = await testEmulator();
	await (await ImportWorld.open()).import(emulator, [TYPE]);
	const document = `<Entities><Record id="-1" name="A"><Parent id="-900" name="Sample"/>
		<Property id="-901" name="Sample" datatype="Sample">A</Property></Record></Entities>`;
	const world = await ImportWorld.open();
	expect(happened(await world.import(emulator, document))).toEqual({ insert: 1 });
	const a = (await allOf(emulator)).find(({ name }) => name === 'A');
	expect(a?.properties[0]?.value).toBe(a?.id);
});

test('temporary ids in data types and in properties without one are replaced', async () => {
	const { emulator } = await testEmulator();
	const document = `<Insert><RecordType id="-2" name="Sample"/>
		<Record id="-4" name="S1"><Parent id="-2"/></Record>
		<Record id="-5" name="S2"><Parent id="-2"/><Property id="-2" datatype="-2">-4</Property></Record>
		<Record id="-6" name="S3"><Parent id="-2"/><Property name="Sample">-5</Property></Record>
		<Record id="-7" name="S4"><Parent name="Sample"/><Property id="-2" datatype="LIST&lt;-2&gt;"><Value>-5</Value><Value>-4</Value></Property></Record>
		</Insert>`;
	const rules = { batchSize: 1 };
	const result = await (await ImportWorld.open()).import(emulator, document, { rules });
	expect(happened(result)).toEqual({ insert: 5 });
	const ids = new Map((await allOf(emulator)).map(({ name, id }) => [name, id]));
	expect(await valueOf(emulator, 'S2')).toBe(ids.get('S1'));
	expect(await valueOf(emulator, 'S3')).toBe(ids.get('S2'));
	expect(await valueOf(emulator, 'S4')).toEqual([ids.get('S2'), ids.get('S1')]);
});

test('new entities and existing ones that refer to each other find together', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	await world.import(emulator, [record('110', 'A'), TYPE]);
	const entities = [record('110', 'A', '111'), record('111', 'B', '110'), TYPE];
	expect(happened(await world.import(emulator, entities))).toEqual({
		...{ insert: 1, update: 1, unchanged: 1 },
	});
	const ids = new Map((await allOf(emulator)).map(({ name, id }) => [name, id]));
	expect([await valueOf(emulator, 'A'), await valueOf(emulator, 'B')]).toEqual([
		...[ids.get('B'), ids.get('A')],
	]);
});

test('an entity that is there twice, or has no role, is refused', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	await expect(world.import(emulator, [TYPE, TYPE])).rejects.toMatchObject({ code: 'xml_invalid' });
	const unknown = documentOf('<R><Entity id="120"/></R>').all();
	await expect(world.import(emulator, await unknown)).rejects.toMatchObject({
		code: 'xml_invalid',
	});
});

test('a file that changed is sent anew, and moved where its path changed', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	const file = (content: string, path = '/a.txt'): Entity =>
		newEntity('File', {
			...{ id: '110', name: 'F', path },
			checksum: createHash('sha512').update(content).digest('hex'),
		});
	const files = (content: string, path = '/a.txt') => ({ files: { [path]: Buffer.from(content) } });
	await world.import(emulator, [file('one')], files('one'));
	const changed = await world.import(emulator, [file('two')], files('two'));
	expect(changed.rows[0]).toMatchObject({
		...{ action: 'update', differences: ['content: another checksum'] },
	});
	expect(readFileSync(join(emulator.folder, 'a.txt'), 'utf8')).toBe('two');
	const moved = await world.import(emulator, [file('two', '/b/c.txt')]);
	expect(moved.rows[0]?.differences).toEqual(["path: '/a.txt' → '/b/c.txt'"]);
	expect(readFileSync(join(emulator.folder, 'b/c.txt'), 'utf8')).toBe('two');
	expect(happened(await world.import(emulator, [file('two', '/b/c.txt')]))).toEqual({
		unchanged: 1,
	});
});
