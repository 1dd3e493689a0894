import { EngineError } from '../core/index.ts';
import type { Cell, SqlConnection } from './connection.ts';
import { optionalText, text } from './cells.ts';
import { quoteIdentifier } from './identifiers.ts';

/** A definition as the server prints it, with the session under which it was made. */
export interface Definition {
	readonly name: string;
	/** In the character set `client`; bytes, since the bodies of old objects need not be UTF-8. */
	readonly sql: Buffer;
	/** `character_set_client`. */
	readonly client: string;
	/** `collation_connection`. */
	readonly connection: string;
	/** Default collation of the database at creation; `null` for views. */
	readonly database: string | null;
	/** `null` for views. */
	readonly sqlMode: string | null;
	/** Of events only. */
	readonly timeZone: string | null;
}

export type ProgramKind =
	'FUNCTION' | 'PROCEDURE' | 'PACKAGE' | 'PACKAGE BODY' | 'TRIGGER' | 'EVENT' | 'VIEW';

const SQL_COLUMN: Readonly<Record<ProgramKind, string>> = {
	FUNCTION: 'Create Function',
	PROCEDURE: 'Create Procedure',
	PACKAGE: 'Create Package',
	'PACKAGE BODY': 'Create Package Body',
	TRIGGER: 'SQL Original Statement',
	EVENT: 'Create Event',
	VIEW: 'Create View',
};

/** SHOW CREATE TABLE, or SEQUENCE. */
export async function readTableDefinition(
	connection: SqlConnection,
	kind: 'TABLE' | 'SEQUENCE',
	name: string,
): Promise<Buffer> {
	const { rows } = await connection.rows(`SHOW CREATE ${kind} ${quoteIdentifier(name)}`);
	const sql = rows[0]?.[1];
	if (sql === null || sql === undefined) {
		throw new EngineError('internal', `The server did not print the definition of ${name}`);
	}
	return sql;
}

/** `undefined` when the server hides the body: the account lacks a privilege, without any error. */
export async function readDefinition(
	connection: SqlConnection,
	kind: ProgramKind,
	name: string,
): Promise<Definition | undefined> {
	const { names, rows } = await connection.rows(`SHOW CREATE ${kind} ${quoteIdentifier(name)}`);
	const row = rows[0] ?? [];
	const cell = (column: string): Cell => row[names.indexOf(column)] ?? null;
	const sql = cell(SQL_COLUMN[kind]);
	if (sql === null) return undefined;
	return {
		name,
		sql,
		client: text(cell('character_set_client')),
		connection: text(cell('collation_connection')),
		database: optionalText(cell('Database Collation')),
		sqlMode: optionalText(cell('sql_mode')),
		timeZone: optionalText(cell('time_zone')),
	};
}
