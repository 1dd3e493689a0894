import { EngineError } from '../core/index.ts';
import { type Catalog, inDatabase, readCatalog } from './catalog.ts';
import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import {
	orReplace,
	withoutSequenceDatabase,
	withoutTriggerDatabase,
	withoutViewDatabase,
} from './ddl-edits.ts';
import { type Definition, type ProgramKind, readDefinition } from './definitions.ts';
import { privilegesMissing, routineBodyPrivilege } from './privilege-errors.ts';
import type { ServerInfo } from './server-info.ts';

/** A view, routine, trigger or event with all that is needed to make it again, in any database. */
export interface Program {
	readonly kind: ProgramKind;
	readonly definition: Definition;
	/** Of views: for the stand-in that other views may need first. */
	readonly columns: readonly string[];
}

/** A default that draws from a sequence; MariaDB stores it with the sequence's database. */
export interface SequenceDefault {
	readonly table: string;
	readonly column: string;
	/** SQL text without the own database. */
	readonly expression: string;
}

/** Everything in a database but the rows; names only of what RENAME TABLE moves. */
export interface DatabaseParts {
	readonly characterSet: string;
	readonly collation: string;
	/** Tables and sequences. */
	readonly tables: readonly string[];
	readonly sequenceDefaults: readonly SequenceDefault[];
	/** In an order in which they can be made. */
	readonly programs: readonly Program[];
}

/**
 * Reads the parts of the connection's database. Throws
 * `sql_privilege_missing` for a hidden body, `sql_object_unsupported` for what could not be made again.
 */
export async function readParts(
	connection: SqlConnection,
	server: ServerInfo,
): Promise<DatabaseParts> {
	const catalog = await readCatalog(connection);
	const { characterSet, collation } = catalog;
	const tables = [...catalog.tables.map(({ name }) => name), ...catalog.sequences];
	return {
		characterSet,
		collation,
		tables,
		sequenceDefaults:
			server.vendor === 'mysql' ? [] : await readSequenceDefaults(connection, catalog.database),
		programs: await readPrograms(connection, catalog, server),
	};
}

export async function readSequenceDefaults(
	connection: SqlConnection,
	database: string,
): Promise<readonly SequenceDefault[]> {
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE ${inDatabase('TABLE_SCHEMA', database)} AND COLUMN_DEFAULT LIKE '%nextval(%\`.\`%' AND GENERATION_EXPRESSION IS NULL ORDER BY TABLE_NAME, ORDINAL_POSITION`,
	);
	return rows.flatMap((row) => {
		const given = Buffer.from(text(row[2]));
		const own = withoutSequenceDatabase(given, database);
		// A text that only looks like one, or a sequence of a third database, stays as it is.
		if (own.equals(given)) return [];
		return [{ table: text(row[0]), column: text(row[1]), expression: own.toString('utf8') }];
	});
}

async function readPrograms(
	connection: SqlConnection,
	catalog: Catalog,
	server: ServerInfo,
): Promise<readonly Program[]> {
	const { database } = catalog;
	const read = async (kind: ProgramKind, name: string) => {
		const definition = await readDefinition(connection, kind, name);
		if (definition !== undefined) return definition;
		const what = `The body of ${kind.toLowerCase()} ${name} is hidden from ${server.account}`;
		throw privilegesMissing([{ what, ...routineBodyPrivilege(server, database) }], server);
	};
	const routines: Program[] = [];
	for (const { type, name } of [...catalog.packages, ...catalog.routines]) {
		if (!isRoutine(type)) throw unsupported(type, name, database);
		routines.push({ kind: type, definition: await read(type, name), columns: [] });
	}
	const columns = await readViewColumns(connection, database, catalog.views.length);
	const views: Program[] = [];
	for (const { name } of catalog.views) {
		const definition = await read('VIEW', name);
		const sql = orReplace(withoutViewDatabase(definition.sql, database, name));
		const names = columns.get(name);
		if (names === undefined) throw unsupported('The view', name, database);
		views.push({ kind: 'VIEW', definition: { ...definition, sql }, columns: names });
	}
	const triggers: Program[] = [];
	for (const { name } of catalog.triggers) {
		const definition = await read('TRIGGER', name);
		const sql = withoutTriggerDatabase(definition.sql, database);
		triggers.push({ kind: 'TRIGGER', definition: { ...definition, sql }, columns: [] });
	}
	const events: Program[] = [];
	for (const { name } of catalog.events) {
		events.push({ kind: 'EVENT', definition: await read('EVENT', name), columns: [] });
	}
	return [...routines, ...views, ...triggers, ...events];
}

function isRoutine(type: string): type is ProgramKind {
	return ['FUNCTION', 'PROCEDURE', 'PACKAGE', 'PACKAGE BODY'].includes(type);
}

async function readViewColumns(
	connection: SqlConnection,
	database: string,
	views: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
	const columns = new Map<string, string[]>();
	if (views === 0) return columns;
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE ${inDatabase('TABLE_SCHEMA', database)} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
	);
	for (const row of rows) {
		const known = columns.get(text(row[0]));
		if (known === undefined) columns.set(text(row[0]), [text(row[1])]);
		else known.push(text(row[1]));
	}
	return columns;
}

function unsupported(kind: string, name: string, database: string): EngineError {
	return new EngineError(
		'sql_object_unsupported',
		`${kind} ${name} of database ${database} cannot be moved`,
		{
			remedy: 'It is broken, or not written in SQL: repair or drop it, then start again.',
			details: { database, name },
		},
	);
}
