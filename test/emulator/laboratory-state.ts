import { createHash } from 'node:crypto';

import { type SampleFile, writeSampleFileRoot } from '../../demo/sample/index.ts';
import { Random } from '../../demo/sample/random.ts';
import { newAccounts } from './emulator.ts';
import type { AppliedProperty, Entity, Role, Value } from './model.ts';
import type { SavedState } from './saved-state.ts';

const FIRST_ID = 100;
const EPOCH = Date.UTC(2026, 0, 5, 8);
const HOUR_MS = 3_600_000;
const USERS = ['lea', 'jürgen', 'aylin'] as const;
const TYPES = ['Experiment', 'Probe', 'Messung', 'Instrument', 'Person', 'Zelllinie'] as const;
/** Name, datatype, unit, importance for every RecordType. */
const PROPERTIES = [
	['Temperatur', 'DOUBLE', '°C', 'OBLIGATORY'],
	['Konzentration', 'DOUBLE', 'µmol/L', 'RECOMMENDED'],
	['Wiederholungen', 'INTEGER', null, 'RECOMMENDED'],
	['Zeitpunkt', 'DATETIME', null, 'RECOMMENDED'],
	['Bemerkung', 'TEXT', null, 'SUGGESTED'],
	['freigegeben', 'BOOLEAN', null, 'SUGGESTED'],
	['gehört zu', 'REFERENCE', null, 'SUGGESTED'],
	['Rohdaten', 'FILE', null, 'SUGGESTED'],
] as const;
const REMARKS = [
	'ok',
	'Elektrode getauscht, "Ω" nachgemessen',
	'zu <kalt> & zu feucht',
	'',
] as const;

/** Builds entities in the order of their ids, each with one version. */
class Laboratory {
	readonly entities: Entity[] = [];
	readonly #random = new Random(2026);

	fill(records: number, files: readonly SampleFile[]): void {
		for (const [name, base, unit] of PROPERTIES) {
			this.#add('Property', name, { datatype: { base, isList: false }, unit });
		}
		const applied = PROPERTIES.map(([, , , importance], index) =>
			this.#applied(index, null, importance),
		);
		for (const name of TYPES) {
			this.#add('RecordType', name, {
				description: `${name} unseres Instituts`,
				properties: applied,
			});
		}
		for (const file of files) this.#addFile(file);
		const first = FIRST_ID + this.entities.length;
		for (let index = 0; index < records; index++) this.#addRecord(first, files.length);
		const query = 'FIND RECORD Messung WITH freigegeben=TRUE';
		this.#add('QueryTemplate', 'Freigegebene Messungen', { query });
	}

	get #nextId(): number {
		return FIRST_ID + this.entities.length;
	}

	#add(role: Role, name: string | null, content: Partial<Entity>): void {
		const id = String(this.#nextId);
		const version = {
			id: createHash('sha1').update(id).digest('hex'),
			at: EPOCH + this.entities.length * HOUR_MS,
			...{ username: this.#random.pick(USERS), realm: 'CaosDB' },
		};
		this.entities.push({
			...{ id, role, name, description: null, datatype: null, unit: null, value: null },
			...{ parents: [], properties: [], file: null, query: null, acl: [], version, ...content },
		});
	}

	#applied(
		index: number,
		value: Value,
		importance: AppliedProperty['importance'] = 'FIX',
	): AppliedProperty {
		return {
			...{
				id: String(FIRST_ID + index),
				name: null,
				description: null,
				datatype: null,
				unit: null,
			},
			...{ importance, value, properties: [] },
		};
	}

	#addFile({ path, size, hash }: SampleFile): void {
		const file = { path: `/${path}`, size, checksum: hash.toString('hex') };
		this.#add('File', null, { file: { ...file, isFolder: false, thumbnail: null } });
	}

	#addRecord(first: number, files: number): void {
		const random = this.#random;
		const type = random.below(TYPES.length);
		const values: Value[] = [
			(20 + random.next() * 20).toFixed(2),
			String(random.next() * 1e-3),
			String(random.below(12)),
			new Date(EPOCH + random.below(1e9)).toISOString().replace('Z', '+0000'),
			random.pick(REMARKS),
			random.pick(['TRUE', 'FALSE']),
			this.#nextId > first ? String(first + random.below(this.#nextId - first)) : null,
			random.below(10) === 0
				? String(FIRST_ID + PROPERTIES.length + TYPES.length + random.below(files))
				: null,
		];
		const properties = values.map((value, index) => this.#applied(index, value));
		const parents = [String(FIRST_ID + PROPERTIES.length + type)];
		this.#add('Record', `${TYPES[type] ?? ''} ${this.#nextId}`, { parents, properties });
	}
}

/**
 * A made-up laboratory: the demo's 300 files, written to `folder` with links into `external`, and that
 * many records. The same on every run.
 */
export async function laboratoryState(
	folder: string,
	external: string,
	records: number,
): Promise<SavedState> {
	const laboratory = new Laboratory();
	laboratory.fill(records, await writeSampleFileRoot(folder, external));
	const users = USERS.map((name) => ({ name, password: 'Labor-2026', roles: ['administration'] }));
	const accounts = newAccounts(users);
	return {
		...{ ids: 'numeric', nextId: FIRST_ID + laboratory.entities.length },
		entities: laboratory.entities.map((entity) => [entity]),
		...{ users: accounts.users, roles: accounts.roles },
	};
}
