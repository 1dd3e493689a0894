import { inDatabase } from './catalog.ts';
import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import type { ProgramKind } from './definitions.ts';

/** Something in a database, as DROP names its kind. */
export interface NamedObject {
	readonly kind: ProgramKind | 'SEQUENCE' | 'TABLE';
	readonly name: string;
}

/**
 * All objects of a database in one answer, in an order in which they can be dropped: what runs by itself
 * first, tables last.
 */
export async function readObjectNames(
	connection: SqlConnection,
	database: string,
): Promise<readonly NamedObject[]> {
	const tableKind =
		"CASE TABLE_TYPE WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END";
	const sources = [
		["'EVENT'", 'EVENT_NAME', 'EVENTS', 'EVENT_SCHEMA'],
		["'TRIGGER'", 'TRIGGER_NAME', 'TRIGGERS', 'TRIGGER_SCHEMA'],
		['ROUTINE_TYPE', 'ROUTINE_NAME', 'ROUTINES', 'ROUTINE_SCHEMA'],
		[tableKind, 'TABLE_NAME', 'TABLES', 'TABLE_SCHEMA'],
	] as const;
	const selects = sources.map(
		([kind, name, source, schema], step) =>
			`SELECT ${step} AS step, ${kind} AS kind, ${name} AS name FROM information_schema.${source} WHERE ${inDatabase(schema, database)}`,
	);
	const { rows } = await connection.rows(
		`${selects.join(' UNION ALL ')} ORDER BY step, kind DESC, name`,
	);
	return rows.map((row) => ({ kind: text(row[1]) as NamedObject['kind'], name: text(row[2]) }));
}
