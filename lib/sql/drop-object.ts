import type { SqlConnection } from './connection.ts';
import { quoteIdentifier } from './identifiers.ts';
import type { NamedObject } from './object-names.ts';

/** Drops an object of any database, if it is there. */
export async function dropObject(
	connection: SqlConnection,
	database: string,
	{ kind, name }: NamedObject,
): Promise<void> {
	const drop = `DROP ${kind} IF EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(name)}`;
	if (kind !== 'PACKAGE' && kind !== 'PACKAGE BODY') return void (await connection.exec(drop));
	// MariaDB 10.11 knows the words in this mode only.
	await connection.exec('SET @n8n_sql_mode=@@sql_mode, sql_mode=ORACLE');
	await connection.exec(drop);
	await connection.exec('SET sql_mode=@n8n_sql_mode');
}
