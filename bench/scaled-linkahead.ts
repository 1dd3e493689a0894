import { loadRealBackup } from '../test/fixtures/load-real-backup.ts';
import type { TestServer } from '../test/servers/index.ts';

/*
 * LinkAhead's own published backup, made large as a laboratory would: its records and files are copied
 * many times with new ids, while record types, properties and roles stay shared. What would compress
 * like one row (texts, numbers, paths, hashes) is made different in every copy. Foreign keys stay on.
 */

/** Ids of one copy are this far from those of the next. */
const ID_STEP = 400;
const LIST_LENGTH = 6;

/** Columns that hold entity ids: shifted where they name a copied entity. */
const TRIPLE = ['domain_id', 'entity_id', 'property_id'] as const;

interface CopiedTable {
	readonly name: string;
	/** At least one of these must name a copied entity. */
	readonly copied: readonly string[];
	readonly ids: readonly string[];
	/** All other columns, and what a copy holds where that is not the same. */
	readonly columns: readonly string[];
	readonly changed?: Readonly<Record<string, string>>;
	/** Rows of the outermost level (domain 0) are repeated as lists. */
	readonly asList?: boolean;
}

const NEW_SRID =
	"IF(LENGTH(t.srid) = 36, INSERT(INSERT(INSERT(INSERT(LEFT(SHA2(CONCAT(t.srid, '/', k), 256), 32), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'), t.srid)";
const NEW_PATH = "CONCAT('copy/', k, '/', t.path)";
const NEW_HASH = 'UNHEX(SHA2(CONCAT(t.path, k), 512))';

function triple(name: string, ...columns: readonly string[]): CopiedTable {
	return { name, copied: ['domain_id', 'entity_id'], ids: TRIPLE, columns };
}

const ORIGINAL_TABLES: readonly CopiedTable[] = [
	{ name: 'entities', copied: ['id'], ids: ['id'], columns: ['description', 'role', 'acl'] },
	{
		...{ name: 'entity_version', copied: ['entity_id'], ids: ['entity_id'] },
		columns: ['hash', 'version', '_iversion', '_ipparent', 'srid'],
		changed: { version: 'LEFT(SHA2(CONCAT(t.version, k), 256), 40)', srid: NEW_SRID },
	},
	{
		...{ name: 'transaction_log', copied: ['entity_id'], ids: ['entity_id'] },
		columns: ['transaction', 'username', 'seconds', 'nanos', 'realm'],
		changed: { seconds: 't.seconds + k' },
	},
	{
		...{ name: 'files', copied: ['file_id'], ids: ['file_id'] },
		columns: ['path', 'size', 'hash', 'checked_timestamp'],
		changed: { path: NEW_PATH, size: 't.size + k', hash: NEW_HASH },
	},
	{
		...{ name: 'isa_cache', copied: ['child'], ids: ['child', 'parent'], columns: ['rpath'] },
		changed: { rpath: `IF(t.rpath = CONCAT(t.child), CONCAT(t.child + ${ID_STEP} * k), t.rpath)` },
	},
	{
		...triple('text_data', 'value', 'status', 'pidx'),
		changed: {
			value:
				"IF(t.domain_id = 0, CONCAT(t.value, ' ', LEFT(SHA2(CONCAT(t.entity_id, k, r), 256), 40)), t.value)",
		},
		asList: true,
	},
	{
		...triple('double_data', 'value', 'status', 'pidx', 'unit_sig'),
		changed: { value: 'ROUND(t.value * (1 + RAND(k)), 5)' },
		asList: true,
	},
	{
		...triple('reference_data', 'value_iversion', 'status', 'pidx'),
		ids: [...TRIPLE, 'value'],
	},
	{
		...triple('integer_data', 'value', 'status', 'pidx', 'unit_sig'),
		changed: { value: 't.value * k' },
	},
	{
		...triple('name_data', 'value', 'status', 'pidx'),
		changed: { value: "IF(t.domain_id = 0, CONCAT(t.value, ' ', k), t.value)" },
	},
	triple('null_data', 'status', 'pidx'),
	triple('date_data', 'value', 'status', 'pidx'),
	triple('enum_data', 'value', 'status', 'pidx'),
	triple('data_type', 'datatype'),
	triple('collection_type', 'collection'),
	triple('name_overrides', 'name'),
];

function archived(table: CopiedTable, columns = table.columns): CopiedTable {
	const { name, copied, ids } = table;
	return { name: `archive_${name}`, copied, ids, columns: [...columns, '_iversion'] };
}

function originalOf(name: string): CopiedTable {
	const table = ORIGINAL_TABLES.find((candidate) => candidate.name === name);
	if (table === undefined) throw new Error(`no table ${name}`);
	return table;
}

const ARCHIVES = [
	'entities',
	'text_data',
	'double_data',
	'reference_data',
	'name_data',
	'null_data',
];
const MORE_ARCHIVES = ['date_data', 'enum_data', 'data_type'];

const TABLES: readonly CopiedTable[] = [
	...ORIGINAL_TABLES,
	...[...ARCHIVES, ...MORE_ARCHIVES].map((name) => archived(originalOf(name))),
	{
		...archived(originalOf('files'), ['path', 'size', 'hash']),
		changed: { path: NEW_PATH, size: 't.size + k', hash: NEW_HASH },
	},
	{
		...{ name: 'archive_isa', copied: ['child'], ids: ['child', 'parent'] },
		columns: ['child_iversion', 'direct'],
	},
];

function copyStatement(table: CopiedTable, from: string): string {
	const { name, copied, ids, columns, changed = {}, asList = false } = table;
	const shifted = ids.map((id) => `t.${id} + IF(m_${id}.id IS NULL, 0, ${ID_STEP} * k)`);
	const others = columns.map((column) => {
		if (column === 'pidx' && asList) return 't.pidx + 100 * r';
		return changed[column] ?? `t.\`${column}\``;
	});
	const joins = ids.map((id) => `LEFT JOIN zz_copied m_${id} ON m_${id}.id = t.${id}`);
	const one = copied.map((id) => `m_${id}.id IS NOT NULL`).join(' OR ');
	const lists = asList ? 'JOIN zz_lists ON r = 0 OR t.domain_id = 0' : '';
	const names = [...ids, ...columns].map((column) => `\`${column}\``).join(', ');
	return `INSERT INTO ${name} (${names}) SELECT ${[...shifted, ...others].join(', ')}
		FROM zz_copies JOIN ${from}.${name} t ${lists} ${joins.join(' ')} WHERE ${one}; COMMIT;`;
}

/** 2,027 copies make 5 million rows; a tenth of that a database that is dumped in a second. */
export const FULL_COPIES = 2_027;

/** Makes `database` from `original`, which is loaded too. Both are replaced. */
export async function createScaledLinkAhead(
	server: TestServer,
	database: string,
	original: string,
	copies = FULL_COPIES,
): Promise<void> {
	await loadRealBackup(server, original);
	await loadRealBackup(server, database);
	const digits = `(${Array.from({ length: 10 }, (_value, digit) => `SELECT ${digit} d`).join(' UNION ')})`;
	const transactions = `INSERT INTO transactions SELECT ${NEW_SRID}, username, realm, seconds + k, nanos
		FROM ${original}.transactions t JOIN zz_copies WHERE LENGTH(t.srid) = 36
		AND t.srid IN (SELECT srid FROM ${original}.entity_version v JOIN zz_copied m ON m.id = v.entity_id); COMMIT;`;
	await server.sql(
		`SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', unique_checks = 0, autocommit = 0;
		CREATE TABLE zz_copies (k INT PRIMARY KEY);
		INSERT INTO zz_copies SELECT n FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n
			FROM ${digits} a, ${digits} b, ${digits} c, ${digits} e) AS numbers WHERE n BETWEEN 1 AND ${copies};
		CREATE TABLE zz_copied (id INT UNSIGNED PRIMARY KEY);
		INSERT INTO zz_copied SELECT id FROM ${original}.entities WHERE role IN ('RECORD', 'FILE', 'DOMAIN');
		CREATE TABLE zz_lists (r INT PRIMARY KEY);
		INSERT INTO zz_lists SELECT k - 1 FROM zz_copies WHERE k <= ${LIST_LENGTH};
		COMMIT;
		${transactions}
		${TABLES.map((table) => copyStatement(table, original)).join('\n')}
		DROP TABLE zz_copies, zz_copied, zz_lists;
		SET autocommit = 1;`,
		database,
	);
	const tables = (await server.sql('SHOW TABLES', database)).trim().split('\n');
	await server.sql(`ANALYZE TABLE ${tables.map((name) => `\`${name}\``).join(', ')}`, database);
}
