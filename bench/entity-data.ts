import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Random } from '../demo/sample/random.ts';
import type { AppliedProperty, Entity, Role, SavedState, Value } from '../test/emulator/index.ts';
import { newAccounts } from '../test/emulator/emulator.ts';

const FIRST_ID = 100;
const EPOCH = Date.UTC(2026, 0, 5, 8);
const FILE_BYTES = 20_000;

const PROPERTIES = [
	['temperature', 'DOUBLE', '°C'],
	['concentration', 'DOUBLE', 'µmol/L'],
	['pressure', 'DOUBLE', 'hPa'],
	['repetitions', 'INTEGER', null],
	['channel', 'INTEGER', null],
	['remark', 'TEXT', null],
	['operator', 'TEXT', null],
	['measured', 'DATETIME', null],
	['approved', 'BOOLEAN', null],
	['raw', 'FILE', null],
] as const;

/** What the benches of entities work on. */
export interface BenchData {
	readonly state: SavedState;
	/** A Record that refers to all others: where the official export tool begins. */
	readonly everythingId: string;
	readonly entities: number;
}

function entityOf(index: number, role: Role, name: string, content: Partial<Entity>): Entity {
	const id = String(FIRST_ID + index);
	const version = {
		id: createHash('sha1').update(id).digest('hex'),
		...{ at: EPOCH + index, username: 'admin', realm: 'PAM' },
	};
	return {
		...{ id, role, name, description: null, datatype: null, unit: null, value: null },
		...{ parents: [], properties: [], file: null, query: null, acl: [], version, ...content },
	};
}

function applied(index: number, value: Value): AppliedProperty {
	return {
		...{ id: String(FIRST_ID + index), name: null, description: null, datatype: null, unit: null },
		...{ importance: 'FIX', value, properties: [] },
	};
}

/** Values of a record; `file` is the id of the one it refers to. */
function valuesOf(random: Random, file: string): Value[] {
	return [
		(20 + random.next() * 20).toFixed(2),
		String(random.next() * 1e-3),
		(950 + random.next() * 100).toFixed(1),
		String(random.below(12)),
		String(random.below(64)),
		random.pick(['ok', 'Elektrode getauscht, "Ω" nachgemessen', 'zu <kalt> & zu feucht', 'wdh.']),
		random.pick(['lea', 'jürgen', 'aylin']),
		new Date(EPOCH + random.below(1e9)).toISOString().replace('Z', '+0000'),
		random.pick(['TRUE', 'FALSE']),
		file,
	];
}

/** So many records of ten properties, and files that are written to `folder`. The same on every run. */
export async function benchData(
	folder: string,
	records: number,
	files: number,
): Promise<BenchData> {
	const random = new Random(2026);
	const entities: Entity[] = [];
	const add = (role: Role, name: string, content: Partial<Entity>): string => {
		const entity = entityOf(entities.length, role, name, content);
		entities.push(entity);
		return entity.id;
	};
	for (const [name, base, unit] of PROPERTIES) {
		add('Property', name, { datatype: { base, isList: false }, unit });
	}
	const properties = PROPERTIES.map((_property, index) => ({
		...applied(index, null),
		importance: 'RECOMMENDED' as const,
	}));
	const sample = add('RecordType', 'Sample', { properties });
	const collection = add('RecordType', 'Collection', {});
	const everything = add('Property', 'samples', { datatype: { base: sample, isList: true } });
	await mkdir(join(folder, 'raw'), { recursive: true });
	const fileIds: string[] = [];
	for (let index = 0; index < files; index++) {
		const content = Buffer.alloc(FILE_BYTES, `${index},`);
		const path = `/raw/${String(index).padStart(5, '0')}.csv`;
		await writeFile(join(folder, path), content);
		const checksum = createHash('sha512').update(content).digest('hex');
		const file = { path, size: content.length, checksum, isFolder: false, thumbnail: null };
		fileIds.push(add('File', `raw ${index}`, { file }));
	}
	const recordIds: string[] = [];
	for (let index = 0; index < records; index++) {
		const values = valuesOf(random, fileIds[index % files] ?? '');
		const content = { parents: [sample], properties: values.map((one, at) => applied(at, one)) };
		recordIds.push(add('Record', `S${index}`, content));
	}
	const all = { ...applied(0, recordIds), id: everything };
	const everythingId = add('Record', 'everything', { parents: [collection], properties: [all] });
	const { users, roles } = newAccounts();
	const histories = entities.map((entity) => [entity]);
	const nextId = FIRST_ID + entities.length;
	const state = { ids: 'numeric' as const, nextId, entities: histories, users, roles };
	return { state, everythingId, entities: entities.length };
}

/** A document of so many records of ten properties, each of which refers to the one before it. */
export function* chainDocument(records: number): Generator<string> {
	yield '<Entities>\n<RecordType id="-100" name="Sample"/>\n';
	for (let at = 0; at < 10; at++) {
		const datatype = at === 9 ? 'Sample' : 'DOUBLE';
		yield `<Property id="-${101 + at}" name="p${at}" datatype="${datatype}"/>\n`;
	}
	for (let index = 0; index < records; index++) {
		const numbers = Array.from({ length: 9 }, (_none, at) =>
			chainProperty(at, `${index % 97}.${at}5`),
		);
		const before = chainProperty(9, `-${1000 + Math.max(0, index - 1)}`);
		yield `<Record id="-${1000 + index}" name="S${index}"><Parent id="-100"/>${numbers.join('')}${before}</Record>\n`;
	}
	yield '</Entities>\n';
}

function chainProperty(at: number, value: string): string {
	const datatype = at === 9 ? 'Sample' : 'DOUBLE';
	return `<Property id="-${101 + at}" datatype="${datatype}" importance="FIX">${value}</Property>`;
}
