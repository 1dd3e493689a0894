import { describe, expect, test } from 'vitest';

import { newEntity, newParent, newProperty } from '../../lib/entity/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { ImportWorld, allOf, happened } from './import-world.ts';

/** As an export writes it, in the worst order: who needs others comes first. */
const LABORATORY = `<Entities>
  <Record id="-210" name="S1">
    <Version id="a1"/>
    <Parent id="-201" name="Sample" flag="inheritance:NONE,"/>
    <Property id="-200" name="weight" datatype="DOUBLE" unit="kg" importance="FIX">4.5</Property>
    <Property id="-201" name="Sample" datatype="Sample" importance="FIX">-211</Property>
  </Record>
  <Record id="-211" name="S2">
    <Parent id="-201" name="Sample"/>
    <Property id="-201" name="Sample" datatype="LIST&lt;Sample&gt;" importance="FIX"><Value>-210</Value><Value/><Value>-212</Value></Property>
    <Property id="-202" name="remark" datatype="TEXT" importance="FIX"><EmptyString/></Property>
  </Record>
  <Record id="-212"><Parent id="-203" name="Sub"/></Record>
  <RecordType id="-203" name="Sub"><Parent id="-201" name="Sample" flag="inheritance:OBLIGATORY,"/></RecordType>
  <RecordType id="-201" name="Sample" description="what is measured">
    <Property id="-200" name="weight" datatype="DOUBLE" unit="kg" importance="RECOMMENDED"/>
  </RecordType>
  <Property id="-202" name="remark" datatype="TEXT"/>
  <Property id="-200" name="weight" datatype="DOUBLE" unit="kg"/>
</Entities>`;

describe('an import', () => {
	test('inserts what is new in an order that works, and nothing the second time', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		const first = await world.import(emulator, LABORATORY);
		expect(happened(first)).toEqual({ insert: 7 });
		expect(first.rows.map(({ idBefore }) => idBefore)).toEqual([
			...['-210', '-211', '-212', '-203', '-201', '-202', '-200'],
		]);
		const entities = await allOf(emulator);
		expect(entities).toHaveLength(7);
		const byName = new Map(entities.map((entity) => [entity.name, entity]));
		const [s1, s2, type] = ['S1', 'S2', 'Sample'].map((name) => byName.get(name));
		expect(s1?.properties[1]?.value).toBe(s2?.id);
		const unnamed = byName.get(null);
		expect(s2?.properties[0]?.value).toEqual([s1?.id, null, unnamed?.id]);
		expect(s2?.properties[1]?.value).toBe('');
		// Without inheritance flags: nothing was copied into the subtype.
		expect(byName.get('Sub')?.properties).toEqual([]);
		expect(byName.get('Sub')?.parents[0]?.id).toBe(type?.id);

		const second = await world.import(emulator, LABORATORY);
		expect(happened(second)).toEqual({ unchanged: 7 });
		expect(await allOf(emulator)).toEqual(entities);
	});

	test('updates exactly what changed at the source', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		await world.import(emulator, LABORATORY);
		const before = await allOf(emulator);
		const result = await world.import(emulator, LABORATORY.replace('4.5', '4.75'));
		expect(happened(result)).toEqual({ update: 1, unchanged: 6 });
		expect(result.rows.find(({ action }) => action === 'update')).toMatchObject({
			name: 'S1',
			differences: ["property 'weight': '4.5' → '4.75'"],
		});
		const after = await allOf(emulator);
		const changed = after.filter(
			({ id, version }) => before.find((one) => one.id === id)?.version?.id !== version?.id,
		);
		expect(changed.map(({ name }) => name)).toEqual(['S1']);
		expect(changed[0]?.properties.map(({ value }) => value)).toEqual([
			...['4.75', before.find(({ name }) => name === 'S2')?.id],
		]);
		expect(happened(await world.import(emulator, LABORATORY.replace('4.5', '4.75')))).toEqual({
			unchanged: 7,
		});
	});

	test('says in a dry run what it would do, and changes nothing', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		const dry = await world.import(emulator, LABORATORY, { isDryRun: true });
		expect(happened(dry)).toEqual({ insert: 7 });
		expect(await allOf(emulator)).toEqual([]);
		expect(happened(await world.import(emulator, LABORATORY))).toEqual({ insert: 7 });
	});

	test('recognises types, properties and records by their names without an id map', async () => {
		const { emulator } = await testEmulator();
		await (await ImportWorld.open()).import(emulator, LABORATORY);
		const named = LABORATORY.replace(/<Value>-212<\/Value>|.*"-212".*/g, '');
		const update = { rules: { onConflict: 'update' } } as const;
		const again = await (await ImportWorld.open()).import(emulator, named, update);
		expect(happened(again)).toEqual({ unchanged: 5, update: 1 });
		expect(await allOf(emulator)).toHaveLength(7);
	});

	test('recognises records by identifying properties, also by references', async () => {
		const { emulator } = await testEmulator();
		const type = newEntity('RecordType', { id: '-100', name: 'Run' });
		const person = newEntity('RecordType', { id: '-101', name: 'Person' });
		const number = newEntity('Property', { id: '-102', name: 'number', datatype: 'INTEGER' });
		const anna = newEntity('Record', { id: '-103', parents: [newParent({ id: '-101' })] });
		const idOf = (id: string, name: string, value: string, datatype: string) =>
			newProperty({ id, name, value, datatype });
		const identified = { ...anna, properties: [idOf('-102', 'number', '7', 'INTEGER')] };
		const runs = ['1', '2'].map((value, at) =>
			newEntity('Record', {
				...{ id: `-${200 + at}`, parents: [newParent({ id: '-100', name: 'Run' })] },
				properties: [
					idOf('-102', 'number', value, 'INTEGER'),
					idOf('-101', 'Person', '-103', 'Person'),
				],
			}),
		);
		const rules = { matchBy: 'properties', identifyingProperties: ['number'] } as const;
		const entities = [...runs, type, person, number, identified];
		const first = await (await ImportWorld.open()).import(emulator, entities, { rules });
		expect(happened(first)).toEqual({ insert: 6 });
		const both = { ...rules, identifyingProperties: ['number', 'Person'] };
		const again = await (
			await ImportWorld.open()
		)
			.import(emulator, [...runs, type, person, number], { rules: both })
			.catch((error: unknown) => error);
		expect(again).toMatchObject({ code: 'import_conflict' });
		const all = await (await ImportWorld.open()).import(emulator, entities, { rules });
		expect(happened(all)).toEqual({ unchanged: 6 });
	});
});
