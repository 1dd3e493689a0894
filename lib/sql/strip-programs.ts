import { readCatalog } from './catalog.ts';
import type { SqlConnection } from './connection.ts';
import { readSequenceDefaults } from './database-programs.ts';
import { quoteIdentifier } from './identifiers.ts';
import type { ServerInfo } from './server-info.ts';

/**
 * Leaves only tables and sequences in the connection's database: RENAME TABLE refuses tables with
 * triggers and views, and does not move the rest. Defaults that draw from a sequence go too, because
 * after the move the server would look for it in the old place and refuse every change of the table.
 * Events first, so that none runs meanwhile.
 */
export async function stripPrograms(connection: SqlConnection, server: ServerInfo): Promise<void> {
	const catalog = await readCatalog(connection);
	const drop = async (kind: string, name: string) => {
		await connection.exec(`DROP ${kind} IF EXISTS ${quoteIdentifier(name)}`);
	};
	for (const { name } of catalog.events) await drop('EVENT', name);
	for (const { name } of catalog.triggers) await drop('TRIGGER', name);
	for (const { name } of catalog.views) await drop('VIEW', name);
	for (const { type, name } of catalog.routines) await drop(type, name);
	if (server.vendor === 'mysql' || catalog.tables.length === 0) return;
	for (const { table, column } of await readSequenceDefaults(connection, catalog.database)) {
		await connection.exec(
			`ALTER TABLE ${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(column)} DROP DEFAULT`,
		);
	}
}
