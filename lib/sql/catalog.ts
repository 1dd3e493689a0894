import { optionalText, text } from './cells.ts';
import type { Cell, SqlConnection } from './connection.ts';
import { quoteText } from './identifiers.ts';
import { JOURNAL_TABLE } from './own-tables.ts';

/** What a database holds, as information_schema shows it to this account. Names only, no definitions. */
export interface Catalog {
	/** As the server spells it (it may fold capital letters). */
	readonly database: string;
	readonly characterSet: string;
	readonly collation: string;
	readonly tables: readonly CatalogTable[];
	readonly sequences: readonly string[];
	readonly views: ReadonlyArray<{ readonly name: string; readonly definer: string }>;
	readonly routines: readonly CatalogRoutine[];
	/** MariaDB's packages and package bodies, in an order in which they can be made. */
	readonly packages: readonly CatalogRoutine[];
	readonly triggers: readonly CatalogTrigger[];
	readonly events: readonly CatalogEvent[];
}

export interface CatalogTable {
	readonly name: string;
	/** Empty when the server cannot open the table. */
	readonly engine: string;
	readonly versioned: boolean;
	/** Whether a snapshot holds its rows; else only a lock does. */
	readonly transactional: boolean;
	/** As the server remembers it, from when it last looked. */
	readonly averageRowBytes: number;
}

/** Engines whose rows a snapshot holds. */
const TRANSACTIONAL = ['innodb', 'rocksdb', 'tokudb', 'ndbcluster'];

export interface CatalogRoutine {
	/** FUNCTION, PROCEDURE, PACKAGE, PACKAGE BODY, or something newer that is refused. */
	readonly type: string;
	readonly name: string;
	readonly definer: string;
	/** SQL, or the language of a routine that is refused. */
	readonly language: string;
	/** When it was last changed. */
	readonly altered: string;
}

export interface CatalogEvent {
	readonly name: string;
	readonly definer: string;
	readonly altered: string;
}

export interface CatalogTrigger {
	readonly name: string;
	readonly table: string;
	readonly definer: string;
	/** When it was made; old servers do not know. */
	readonly altered: string | null;
}

type Row = readonly Cell[];

/**
 * `column = database`, byte by byte: information_schema compares with a collation that folds letters on
 * some servers, and reads only this database when it finds a plain equation.
 */
export function inDatabase(column: string, database: string): string {
	const hex = Buffer.from(database, 'utf8').toString('hex');
	return `${column} = ${quoteText(database)} AND HEX(${column}) = '${hex.toUpperCase()}'`;
}

async function select<T>(
	connection: SqlConnection,
	sql: string,
	parse: (row: Row) => T,
): Promise<T[]> {
	const { rows } = await connection.rows(sql);
	return rows.map(parse);
}

/** Reads the catalog of the connection's database; parts that the account may not see are missing. */
export async function readCatalog(connection: SqlConnection): Promise<Catalog> {
	const [defaults] = await select(
		connection,
		'SELECT DATABASE(), @@character_set_database, @@collation_database',
		(row) => ({ database: text(row[0]), characterSet: text(row[1]), collation: text(row[2]) }),
	);
	const { database, characterSet, collation } = defaults ?? {
		database: '',
		characterSet: '',
		collation: '',
	};
	const tables = await readTables(connection, database);
	const views = await select(
		connection,
		`SELECT TABLE_NAME, DEFINER FROM information_schema.VIEWS WHERE ${inDatabase('TABLE_SCHEMA', database)} ORDER BY TABLE_NAME`,
		parseOwned,
	);
	return {
		database,
		characterSet,
		collation,
		tables: tables.filter(({ type }) => type === 'BASE TABLE' || type === 'SYSTEM VERSIONED'),
		sequences: tables.filter(({ type }) => type === 'SEQUENCE').map(({ name }) => name),
		views,
		...(await readPrograms(connection, database)),
	};
}

async function readTables(
	connection: SqlConnection,
	database: string,
): Promise<Array<CatalogTable & { type: string }>> {
	return await select(
		connection,
		`SELECT TABLE_NAME, TABLE_TYPE, ENGINE, AVG_ROW_LENGTH FROM information_schema.TABLES WHERE ${inDatabase('TABLE_SCHEMA', database)} AND TABLE_NAME <> ${quoteText(JOURNAL_TABLE)} ORDER BY TABLE_NAME`,
		(row) => ({
			name: text(row[0]),
			type: text(row[1]).toUpperCase(),
			engine: optionalText(row[2]) ?? '',
			versioned: text(row[1]).toUpperCase() === 'SYSTEM VERSIONED',
			transactional: TRANSACTIONAL.includes((optionalText(row[2]) ?? '').toLowerCase()),
			averageRowBytes: Number(optionalText(row[3]) ?? 0),
		}),
	);
}

/** Routines, packages, triggers and events: what changes without touching a table. */
export async function readPrograms(
	connection: SqlConnection,
	database: string,
): Promise<Pick<Catalog, 'routines' | 'packages' | 'triggers' | 'events'>> {
	const routines = await select(
		connection,
		`SELECT ROUTINE_TYPE, ROUTINE_NAME, DEFINER, COALESCE(EXTERNAL_LANGUAGE, 'SQL'), LAST_ALTERED FROM information_schema.ROUTINES WHERE ${inDatabase('ROUTINE_SCHEMA', database)} ORDER BY ROUTINE_TYPE, ROUTINE_NAME`,
		(row) => ({
			type: text(row[0]),
			name: text(row[1]),
			definer: text(row[2]),
			language: text(row[3]),
			altered: text(row[4]),
		}),
	);
	const triggers = await select(
		connection,
		`SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, DEFINER, CREATED FROM information_schema.TRIGGERS WHERE ${inDatabase('TRIGGER_SCHEMA', database)} ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
		(row) => ({
			name: text(row[0]),
			table: text(row[1]),
			definer: text(row[2]),
			altered: optionalText(row[3]),
		}),
	);
	const events = await select(
		connection,
		`SELECT EVENT_NAME, DEFINER, LAST_ALTERED FROM information_schema.EVENTS WHERE ${inDatabase('EVENT_SCHEMA', database)} ORDER BY EVENT_NAME`,
		(row) => ({ ...parseOwned(row), altered: text(row[2]) }),
	);
	// Sorted by type: a package comes before its body.
	const isPackage = ({ type }: CatalogRoutine) => type.startsWith('PACKAGE');
	return {
		routines: routines.filter((routine) => !isPackage(routine)),
		packages: routines.filter(isPackage),
		triggers,
		events,
	};
}

function parseOwned(row: Row): { name: string; definer: string } {
	return { name: text(row[0]), definer: text(row[1]) };
}
