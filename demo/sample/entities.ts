import { createHash } from 'node:crypto';

import type { SampleFile } from './file-root.ts';
import { Random } from './random.ts';

/** What mysql2 can put into a row. */
export type Cell = string | number | bigint | Buffer | null;
/** Rows by table, in an order that foreign keys allow. */
export type SampleRows = ReadonlyMap<string, readonly (readonly Cell[])[]>;

const SPECIAL = [
	[0, 'DOMAIN', 'The default domain.', null],
	[1, 'ROLE', 'The default recordtype.', 'RECORDTYPE'],
	[2, 'ROLE', 'The default record.', 'RECORD'],
	[3, 'ROLE', 'The default file.', 'FILE'],
	[4, 'ROLE', 'The default property.', 'PROPERTY'],
	[7, 'ROLE', 'The default datatype.', 'DATATYPE'],
	[8, 'ROLE', 'The QueryTemplate role.', 'QUERYTEMPLATE'],
	[11, 'DATATYPE', 'The default reference data type.', 'REFERENCE'],
	[12, 'DATATYPE', 'The default integer data type.', 'INTEGER'],
	[13, 'DATATYPE', 'The default double data type.', 'DOUBLE'],
	[14, 'DATATYPE', 'The default text data type.', 'TEXT'],
	[15, 'DATATYPE', 'The default datetime data type.', 'DATETIME'],
	[17, 'DATATYPE', 'The default file reference data type.', 'FILE'],
	[18, 'DATATYPE', 'The default boolean data type.', 'BOOLEAN'],
	[20, 'PROPERTY', 'Name of an entity', 'name'],
	[21, 'PROPERTY', 'Unit of an entity.', 'unit'],
	[24, 'PROPERTY', 'Description of an entity.', 'description'],
] as const;

const RECORD_TYPES = [
	'Experiment',
	'Probe',
	'Messung',
	'Instrument',
	'Person',
	'Zelllinie',
] as const;
/** Name, datatype id, unit. */
const PROPERTIES = [
	['Temperatur', 13, '°C'],
	['Konzentration', 13, 'µmol/L'],
	['Widerstand', 13, 'kΩ'],
	['Wiederholungen', 12, null],
	['Seriennummer', 12, null],
	['Zeitpunkt', 15, null],
	['Bemerkung', 14, null],
	['freigegeben', 18, null],
	['gehört zu', 11, null],
	['Rohdaten', 17, null],
] as const;
const FIRST_TYPE = 100;
const FIRST_PROPERTY = 120;
const FIRST_RECORD = 200;
const RECORDS = 20_000;
const REMARKS = [
	'Luftfeuchte zu hoch; nächste Woche wiederholen.',
	'ok',
	'Elektrode getauscht (siehe Laborbuch S. 42), "Ω" nachgemessen.',
	'Pfad C:\\Daten\\2026\\β-Serie, 50 % verworfen',
	'erste Zeile\nzweite Zeile\r\nmit\tTabulator',
] as const;

/** Unit signature of a concentration; CaosDB makes such numbers from the unit's text. */
const CONCENTRATION = 1842017;

class Laboratory {
	readonly #random = new Random(2026);
	readonly #rows = new Map<string, Cell[][]>();

	rows(files: readonly SampleFile[]): SampleRows {
		this.#frame();
		for (const [id, role, description, name] of SPECIAL) this.#entity(id, role, description, name);
		for (const [index, name] of RECORD_TYPES.entries()) {
			this.#entity(FIRST_TYPE + index, 'RECORDTYPE', `${name} unseres Instituts`, name);
		}
		for (const [index, [name, datatype, unit]] of PROPERTIES.entries()) {
			const id = FIRST_PROPERTY + index;
			this.#entity(id, 'PROPERTY', null, name);
			this.#add('data_type', [0, 0, id, datatype]);
			if (unit !== null) this.#add('text_data', [0, id, 21, unit, 'FIX', 0]);
		}
		for (let index = 0; index < RECORDS; index++) this.#record(FIRST_RECORD + index);
		for (const [index, file] of files.entries()) this.#file(FIRST_RECORD + RECORDS + index, file);
		return this.#rows;
	}

	#add(table: string, row: Cell[]): void {
		const rows = this.#rows.get(table);
		if (rows === undefined) this.#rows.set(table, [row]);
		else rows.push(row);
	}

	#frame(): void {
		this.#add('feature_config', ['ENTITY_VERSIONING', 'ENABLED']);
		for (let index = 0; index < 400; index++) {
			const at = 1_700_000_000 + index * 3600;
			this.#add('transactions', [
				`${this.#random.uuid()}`,
				'lea',
				'PAM',
				at,
				this.#random.below(1e9),
			]);
		}
		this.#add('entity_acl', [0, '']);
		const acl =
			'[{"realm":"PAM","bitSet":-4611686018427387904,"username":"lea"},{"bitSet":9007199254740993,"role":"?OTHER?"}]';
		this.#add('entity_acl', [1, acl]);
		this.#add('roles', ['administration', 'May do everything – Verwaltung']);
		this.#add('permissions', [
			'administration',
			'[{"grant":"true","priority":"true","permission":"*"}]',
		]);
		this.#add('units_lin_con', [
			CONCENTRATION,
			99,
			'0',
			1,
			1_000_000,
			'0.000000000000000000000000000001',
		]);
		this.#add('stats', [
			'TransactionBenchmark',
			Buffer.concat([Buffer.from('aced0005', 'hex'), this.#random.bytes(2800)]),
		]);
	}

	#srid(): Cell {
		const transactions = this.#rows.get('transactions') ?? [];
		return transactions[this.#random.below(transactions.length)]?.[0] ?? null;
	}

	#entity(id: number, role: string, description: string | null, name: string | null): void {
		this.#add('entities', [id, description, role, id % 3 === 0 ? 0 : 1]);
		if (name !== null) this.#add('name_data', [0, id, 20, name, 'FIX', 0]);
		if (role === 'DOMAIN') return;
		const srid = this.#srid();
		const version = createHash('sha1').update(String(id)).digest('hex');
		this.#add('entity_version', [id, null, version, 1, null, srid]);
		this.#add('transaction_log', ['Insert', id, 'lea', 1_700_000_000 + id, 0, 'PAM']);
	}

	#record(id: number): void {
		const random = this.#random;
		const type = random.below(RECORD_TYPES.length);
		this.#entity(
			id,
			'RECORD',
			random.below(5) === 0 ? 'automatisch angelegt' : null,
			`${RECORD_TYPES[type] ?? ''} ${id}`,
		);
		this.#add('isa_cache', [id, FIRST_TYPE + type, String(id)]);
		const property = (index: number): number => FIRST_PROPERTY + index;
		const value = (table: string, index: number, ...cells: Cell[]): void =>
			this.#add(table, [0, id, property(index), ...cells, 'FIX', index]);
		value('double_data', 0, 20 + random.next() * 20, null);
		value('double_data', 1, random.next() * 1e-3, CONCENTRATION);
		if (random.below(3) === 0)
			value('double_data', 2, random.next() * 10 ** random.below(300), null);
		value('integer_data', 3, random.below(12), null);
		if (random.below(4) === 0)
			value('integer_data', 4, 9_007_199_254_740_993n + BigInt(random.below(1000)), null);
		value('datetime_data', 5, 1_700_000_000 + random.below(1e8), random.below(1e9));
		if (random.below(2) === 0) value('text_data', 6, random.pick(REMARKS));
		value('enum_data', 7, random.pick(['TRUE', 'FALSE']));
		if (id > FIRST_RECORD) {
			this.#add('reference_data', [
				0,
				id,
				property(8),
				FIRST_RECORD + random.below(id - FIRST_RECORD),
				null,
				'FIX',
				8,
			]);
		}
		if (random.below(10) === 0) this.#add('null_data', [0, id, property(2), 'FIX', 2]);
		if (random.below(20) === 0)
			this.#add('archive_double_data', [0, id, property(0), random.next() * 40, null, 'FIX', 0, 1]);
	}

	#file(id: number, { path, size, hash }: SampleFile): void {
		this.#entity(id, 'FILE', null, null);
		this.#add('files', [id, path, size, hash, 0]);
		const record = FIRST_RECORD + this.#random.below(RECORDS);
		this.#add('reference_data', [0, record, FIRST_PROPERTY + 9, id, null, 'FIX', 9]);
	}
}

/** The rows of a made-up laboratory: about 20,000 records, and an entity for every file. */
export function sampleRows(files: readonly SampleFile[]): SampleRows {
	return new Laboratory().rows(files);
}
