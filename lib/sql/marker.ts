import { optionalText } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import type { DatabaseDefaults } from './database-defaults.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';

/**
 * The table that stands in a database while a restore is under way, and stays when the restore was
 * killed: the next one recognises the remains by it. Part of the format, never to be renamed.
 */
export const MARKER_TABLE = '_n8n_caosdb_restore_unfinished';

const NOTE =
	'A restore into this database is under way or was interrupted. The next restore empties the database.';

/** What the database was before. */
export interface Marked {
	/** Where its content lies, when there was any. */
	readonly safetyDump: string | undefined;
	/** `undefined`: there was no such database. */
	readonly before: DatabaseDefaults | undefined;
}

export function markerIn(database: string): string {
	return `${quoteIdentifier(database)}.${quoteIdentifier(MARKER_TABLE)}`;
}

/** In one statement: a marker that does not tell where the old content lies must never stand. */
export async function createMarker(
	connection: SqlConnection,
	database: string,
	{ safetyDump, before }: Marked,
): Promise<void> {
	const texts = [safetyDump, before?.characterSet, before?.collation];
	const [note, characterSet, collation] = texts.map((value) =>
		value === undefined ? 'NULL' : quoteText(value),
	);
	const text = 'TEXT CHARACTER SET utf8mb4';
	await connection.exec(
		`CREATE TABLE ${markerIn(database)} (note ${text}, character_set ${text}, collation ${text}) COMMENT ${quoteText(NOTE)} ` +
			`AS SELECT ${note} AS note, ${characterSet} AS character_set, ${collation} AS collation`,
	);
}

export async function readMarker(connection: SqlConnection, database: string): Promise<Marked> {
	const { rows } = await connection.rows(`SELECT * FROM ${markerIn(database)}`);
	const [note, characterSet, collation] = (rows[0] ?? []).map(
		(cell) => optionalText(cell) ?? undefined,
	);
	const known = characterSet !== undefined && collation !== undefined;
	return { safetyDump: note, before: known ? { characterSet, collation } : undefined };
}
