import { describe, expect, test } from 'vitest';

import { type Entity, newEntity, newParent, newProperty } from '../../lib/entity/index.ts';
import type { Emulator } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { ImportWorld, allOf, clientOf, happened } from './import-world.ts';

const TYPE = newEntity('RecordType', { id: '101', name: 'Sample' });

function sample(remark: string, id = '110', name = 'S'): Entity {
	return newEntity('Record', {
		...{ id, name, parents: [newParent({ id: '101', name: 'Sample' })] },
		properties: [newProperty({ id: '100', name: 'remark', datatype: 'TEXT', value: remark })],
	});
}

function model(...records: Entity[]): Entity[] {
	return [newEntity('Property', { id: '100', name: 'remark', datatype: 'TEXT' }), TYPE, ...records];
}

async function remarkOf(emulator: Emulator, name = 'S'): Promise<unknown> {
	const found = (await allOf(emulator)).find((entity) => entity.name === name);
	return found?.properties[0]?.value;
}

/** Somebody changes the record on the target. */
async function changeThere(emulator: Emulator, value: string): Promise<void> {
	const client = clientOf(emulator);
	const [found] = await client.named('S');
	if (found === undefined) throw new Error('S is missing.');
	await client.update([
		{ ...found, properties: found.properties.map((property) => ({ ...property, value })) },
	]);
}

describe('what changed on both sides', () => {
	test('ends the import before anything is changed', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		await world.import(emulator, model(sample('one')));
		await changeThere(emulator, 'two');
		const run = world.import(emulator, [...model(sample('three')), sample('new', '111', 'T')]);
		await expect(run).rejects.toMatchObject({
			code: 'import_conflict',
			message: expect.stringContaining("Record 'S' (id 110): it changed on both sides"),
		});
		expect(await remarkOf(emulator)).toBe('two');
		expect(await remarkOf(emulator, 'T')).toBeUndefined();
	});

	test('is skipped, or taken from the source, as chosen', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		await world.import(emulator, model(sample('one')));
		await changeThere(emulator, 'two');
		const skip = await world.import(emulator, model(sample('three')), {
			rules: { onConflict: 'skip' },
		});
		expect(happened(skip)).toEqual({ skip: 1, unchanged: 2 });
		expect(await remarkOf(emulator)).toBe('two');
		const update = await world.import(emulator, model(sample('three')), {
			rules: { onConflict: 'update' },
		});
		expect(happened(update)).toEqual({ update: 1, unchanged: 2 });
		expect(await remarkOf(emulator)).toBe('three');
	});
});

test('what changed on the target only stays', async () => {
	const { emulator } = await testEmulator();
	const world = await ImportWorld.open();
	await world.import(emulator, model(sample('one')));
	await changeThere(emulator, 'two');
	for (let run = 0; run < 2; run++) {
		const again = await world.import(emulator, model(sample('one')));
		expect(happened(again)).toEqual({ unchanged: 3 });
		expect(again.rows[2]?.messages).toEqual([
			'it changed on the target only, and stays as it is there',
		]);
	}
	expect(await remarkOf(emulator)).toBe('two');
});

test('what differs on a first meeting is a conflict', async () => {
	const { emulator } = await testEmulator();
	await (await ImportWorld.open()).import(emulator, model(sample('one')));
	const world = await ImportWorld.open();
	await expect(world.import(emulator, model(sample('two')))).rejects.toMatchObject({
		code: 'import_conflict',
	});
	const dry = await world.import(emulator, model(sample('two')), { isDryRun: true });
	expect(dry.rows[2]).toMatchObject({
		action: 'conflict',
		differences: ["property 'remark': 'one' → 'two'"],
	});
});

test('two records of one name and parent are no guess', async () => {
	const { emulator } = await testEmulator();
	const both = model(sample('one'), sample('one', '111'));
	const world = await ImportWorld.open();
	expect(happened(await world.import(emulator, both))).toEqual({ insert: 4 });
	expect(happened(await world.import(emulator, both))).toEqual({ unchanged: 4 });
	await expect((await ImportWorld.open()).import(emulator, both)).rejects.toMatchObject({
		code: 'import_conflict',
		message: expect.stringContaining('the target has several of this name'),
	});
});

describe('what is not in the source any more', () => {
	test('is reported, and deleted on request', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		await world.import(emulator, model(sample('one'), sample('two', '111', 'T')));
		const told = await world.import(emulator, model(sample('one')));
		expect(happened(told)).toEqual({ unchanged: 3, missing: 1 });
		expect(told.rows.at(-1)).toMatchObject({ name: 'T', idBefore: '111', action: 'missing' });
		expect(await allOf(emulator)).toHaveLength(4);
		const rules = { onMissing: 'delete' } as const;
		const removed = await world.import(emulator, model(sample('one')), { rules });
		expect(happened(removed)).toEqual({ unchanged: 3, delete: 1 });
		expect((await allOf(emulator)).map(({ name }) => name)).toEqual(['remark', 'Sample', 'S']);
		expect(happened(await world.import(emulator, model(sample('one')), { rules }))).toEqual({
			unchanged: 3,
		});
	});

	test('stays when no import made it, or when it changed since', async () => {
		const { emulator } = await testEmulator();
		await (await ImportWorld.open()).import(emulator, model(sample('one')));
		const world = await ImportWorld.open();
		await world.import(emulator, model(sample('one'), sample('two', '111', 'T')));
		const client = clientOf(emulator);
		const [found] = await client.named('T');
		if (found === undefined) throw new Error('T is missing.');
		await client.update([{ ...found, description: 'new' }]);
		const result = await world.import(emulator, [TYPE], {
			rules: { onMissing: 'delete' } as const,
		});
		expect(happened(result)).toEqual({ unchanged: 1, missing: 3 });
		expect(await allOf(emulator)).toHaveLength(4);
	});

	test('goes in an order that the server accepts', async () => {
		const { emulator } = await testEmulator();
		const world = await ImportWorld.open();
		const many = Array.from({ length: 230 }, (_, at) => sample('x', `${200 + at}`, `N${at}`));
		await world.import(emulator, model(...many));
		const rules = { onMissing: 'delete' } as const;
		expect(happened(await world.import(emulator, [], { rules }))).toEqual({ delete: 232 });
		expect(await allOf(emulator)).toEqual([]);
	});
});

test('what came from the other side is not sent back', async () => {
	const [{ emulator: a }, { emulator: b }] = [await testEmulator(), await testEmulator()];
	const world = await ImportWorld.open();
	const client = clientOf(a);
	await client.insert(
		model(sample('one'))
			.map((entity) => ({ ...entity, id: `-${entity.id ?? ''}` }))
			.map(temporary),
	);
	const there = async (): Promise<Entity[]> => await allOf(a);
	const back = async (): Promise<Entity[]> => await allOf(b);
	const [ab, ba] = [{ pair: ['a', 'b'] }, { pair: ['b', 'a'] }] as const;
	expect(happened(await world.import(b, await there(), ab))).toEqual({ insert: 3 });
	expect(happened(await world.import(a, await back(), ba))).toEqual({ unchanged: 3 });
	await changeThere(b, 'two');
	expect(happened(await world.import(b, await there(), ab))).toEqual({ unchanged: 3 });
	expect(happened(await world.import(a, await back(), ba))).toEqual({ unchanged: 2, update: 1 });
	expect(await remarkOf(a)).toBe('two');
	expect(happened(await world.import(b, await there(), ab))).toEqual({ unchanged: 3 });
	await changeThere(a, 'three');
	expect(happened(await world.import(b, await there(), ab))).toEqual({ unchanged: 2, update: 1 });
	expect(happened(await world.import(a, await back(), ba))).toEqual({ unchanged: 3 });
	expect(await remarkOf(b)).toBe('three');
	// A new one on either side crosses over once.
	await clientOf(b).insert([newEntity('Record', { id: '-1', name: 'N' })]);
	expect(happened(await world.import(a, await back(), ba))).toEqual({ unchanged: 3, insert: 1 });
	expect(happened(await world.import(b, await there(), ab))).toEqual({ unchanged: 4 });
	await changeThere(a, 'four');
	await changeThere(b, 'five');
	await expect(world.import(b, await there(), ab)).rejects.toMatchObject({
		code: 'import_conflict',
	});
});

/** Ids below an entity as temporary ones, too. */
function temporary(entity: Entity): Entity {
	const minus = <T extends { readonly id: string | null }>(one: T): T => ({
		...one,
		id: `-${one.id ?? ''}`,
	});
	return {
		...entity,
		parents: entity.parents.map(minus),
		properties: entity.properties.map(minus),
	};
}
