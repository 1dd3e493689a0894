import type { SqlConnection } from './connection.ts';
import { dropObject } from './drop-object.ts';
import { quoteIdentifier } from './identifiers.ts';
import { readObjectNames } from './object-names.ts';

/** Drops everything in a database but `keep`, the table that tells whose it is. */
export async function dropAllBut(
	connection: SqlConnection,
	database: string,
	keep: string,
): Promise<void> {
	await connection.exec('SET foreign_key_checks=0');
	for (const object of await readObjectNames(connection, database)) {
		// Triggers go with their tables.
		if (object.kind === 'TRIGGER' || object.name === keep) continue;
		await dropObject(connection, database, object);
	}
}

/** Drops everything in a database, and `last` at the very end. */
export async function emptyDatabase(
	connection: SqlConnection,
	database: string,
	last: string,
): Promise<void> {
	await dropAllBut(connection, database, last);
	await connection.exec(
		`DROP TABLE IF EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(last)}`,
	);
}
