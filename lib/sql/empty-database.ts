import { readCatalog } from './catalog.ts';
import type { SqlConnection } from './connection.ts';
import { quoteIdentifier } from './identifiers.ts';

/** Drops everything in the connection's database but `keep`, the table that tells whose it is. */
export async function dropAllBut(connection: SqlConnection, keep: string): Promise<void> {
	await connection.exec('SET foreign_key_checks=0');
	const catalog = await readCatalog(connection);
	const drop = async (kind: string, name: string) => {
		await connection.exec(`DROP ${kind} IF EXISTS ${quoteIdentifier(name)}`);
	};
	for (const { name } of catalog.events) await drop('EVENT', name);
	for (const { name } of catalog.views) await drop('VIEW', name);
	for (const { name } of catalog.tables) if (name !== keep) await drop('TABLE', name);
	for (const name of catalog.sequences) await drop('SEQUENCE', name);
	for (const { type, name } of catalog.routines) await drop(type, name);
}

/** Drops everything in the connection's database, and `last` at the very end. */
export async function emptyDatabase(connection: SqlConnection, last: string): Promise<void> {
	await dropAllBut(connection, last);
	await connection.exec(`DROP TABLE IF EXISTS ${quoteIdentifier(last)}`);
}
