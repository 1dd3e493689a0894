import { optionalText } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { type DatabaseDefaults, defaultsClause, readDefaults } from './database-defaults.ts';
import { keptName, keptPrefix } from './derived-databases.ts';
import { dropAllBut } from './empty-database.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import { JOURNAL_TABLE } from './own-tables.ts';
import { readState, writeState } from './restore-journal.ts';

const NEAR_MS = 3_600_000;

/** Whole databases: which there are, making one, dropping one of our own. */

export async function databaseExists(
	connection: SqlConnection,
	database: string,
): Promise<boolean> {
	return (await readDefaults(connection, database)) !== undefined;
}

/** Names of all databases that begin with `prefix` and that this account sees, sorted. */
export async function databasesWithPrefix(
	connection: SqlConnection,
	prefix: string,
): Promise<readonly string[]> {
	const { rows } = await connection.rows(
		`SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, ${[...prefix].length}) = ${quoteText(prefix)} ORDER BY SCHEMA_NAME`,
	);
	return rows.map(([name]) => optionalText(name) ?? '');
}

export async function createDatabase(
	connection: SqlConnection,
	database: string,
	defaults: DatabaseDefaults | undefined,
): Promise<void> {
	await connection.exec(`CREATE DATABASE ${quoteIdentifier(database)}${defaultsClause(defaults)}`);
}

/**
 * For loading a dump. Where no manifest tells the character set, it begins with one that holds every text,
 * not with the server's default, which may be latin1: a dump that tells none would lose letters in it.
 */
export async function createForLoad(
	connection: SqlConnection,
	database: string,
	defaults: DatabaseDefaults | undefined,
): Promise<void> {
	if (defaults !== undefined) return await createDatabase(connection, database, defaults);
	await connection.exec(`CREATE DATABASE ${quoteIdentifier(database)} CHARACTER SET utf8mb4`);
}

/**
 * Drops a database that a restore made. DROP DATABASE alone may be interrupted half way; so its content
 * goes first and its journal with it, and what remains of it is always known.
 */
export async function dropOwnDatabase(connection: SqlConnection, database: string): Promise<void> {
	await dropAllBut(connection, database, JOURNAL_TABLE);
	await connection.exec(`DROP DATABASE ${quoteIdentifier(database)}`);
}

/**
 * A name for the kept database of this moment, later than those of the last ones: two swaps in one second
 * get two names, also when one of them has used up a kept database.
 */
export async function freeKeptName(connection: SqlConnection, target: string): Promise<string> {
	const taken = await databasesWithPrefix(connection, keptPrefix(target));
	const now = Date.now();
	// What lies further ahead was named by a person, or by a clock that was wrong.
	const soon = keptName(target, new Date(now + NEAR_MS));
	const last = [...taken].sort().findLast((name) => name <= soon) ?? '';
	let at = now;
	while (keptName(target, new Date(at)) <= last) at += 1_000;
	return keptName(target, new Date(at));
}

/** Drops a kept database; half dropped it is never taken for one that can be rolled back to. */
export async function discardKept(connection: SqlConnection, kept: string): Promise<void> {
	const state = await readState(connection, kept);
	if (state !== undefined) await writeState(connection, kept, { ...state, phase: 'discard' });
	await dropOwnDatabase(connection, kept);
}
