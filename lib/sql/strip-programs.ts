import type { SqlConnection } from './connection.ts';
import { readSequenceDefaults } from './database-programs.ts';
import { dropObject } from './drop-object.ts';
import { quoteIdentifier } from './identifiers.ts';
import { readObjectNames } from './object-names.ts';
import type { ServerInfo } from './server-info.ts';

/**
 * Leaves only tables and sequences in a database: RENAME TABLE refuses tables with
 * triggers and views, and does not move the rest. Defaults that draw from a sequence go too, because
 * after the move the server would look for it in the old place and refuse every change of the table.
 * Events first, so that none runs meanwhile.
 */
export async function stripPrograms(
	connection: SqlConnection,
	server: ServerInfo,
	database: string,
): Promise<void> {
	const objects = await readObjectNames(connection, database);
	const place = quoteIdentifier(database);
	for (const object of objects) {
		if (object.kind === 'TABLE' || object.kind === 'SEQUENCE') continue;
		await dropObject(connection, database, object);
	}
	// Only MariaDB has sequences.
	if (server.vendor === 'mysql' || !objects.some(({ kind }) => kind === 'TABLE')) return;
	for (const { table, column } of await readSequenceDefaults(connection, database)) {
		await connection.exec(
			`ALTER TABLE ${place}.${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(column)} DROP DEFAULT`,
		);
	}
}
