import { createHash } from 'node:crypto';

import { EngineError } from '../core/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { optionalText, text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import { MARKER_TABLE } from './marker.ts';

/** The database that a restore fills, and how it was before. */
export interface RestoreTarget {
	readonly database: string;
	/** Did not exist before; to be dropped again on failure. */
	created: boolean;
	/** Existed and was empty; to be emptied again on failure, with these defaults. */
	claimed: { readonly characterSet: string; readonly collation: string } | undefined;
	clearedUnfinished: boolean;
}

export interface DatabaseDefaults {
	readonly characterSet: string;
	readonly collation: string;
}

const MARKER_NOTE =
	'A restore into this database is under way or was interrupted. The next restore empties the database.';

export function newTarget(database: string): RestoreTarget {
	return { database, created: false, claimed: undefined, clearedUnfinished: false };
}

/**
 * Makes sure that no other restore fills this database; the lock ends with the connection. Rejects
 * with `sql_database_not_empty` when another one is at it.
 */
export async function lockTarget(connection: SqlConnection, database: string): Promise<void> {
	const hash = createHash('sha256').update(database).digest('hex').slice(0, 32);
	const { rows } = await connection.rows(
		`SELECT GET_LOCK(${quoteText(`n8n-caosdb-into-${hash}`)}, 0)`,
	);
	if (optionalText(rows[0]?.[0]) === '1') return;
	throw new EngineError('sql_database_not_empty', `Another restore into ${database} is under way`, {
		remedy: 'Wait for its end, or restore into another database.',
		details: { database },
	});
}

/**
 * Creates the database, or takes one that is empty, and leaves the marker in it. What was done is noted
 * in `target` step by step, so that a failure half way can be undone. Rejects with
 * `sql_database_missing` (when it may not be created) or `sql_database_not_empty`.
 */
export async function claimTarget(
	connection: SqlConnection,
	target: RestoreTarget,
	options: { readonly createMissing: boolean; readonly defaults: DatabaseDefaults | undefined },
): Promise<void> {
	const { database } = target;
	const existing = await readDefaults(connection, database);
	if (existing === undefined) {
		if (!options.createMissing) {
			throw new EngineError('sql_database_missing', `There is no database ${database}`, {
				remedy: 'Create it, or allow the restore to create it.',
				details: { database },
			});
		}
		await connection.exec(
			`CREATE DATABASE ${quoteIdentifier(database)}${defaultsClause(options.defaults)}`,
		);
		target.created = true;
		await connection.exec(`USE ${quoteIdentifier(database)}`);
	} else {
		await connection.exec(`USE ${quoteIdentifier(database)}`);
		const catalog = await readCatalog(connection);
		target.clearedUnfinished = catalog.tables.some(({ name }) => name === MARKER_TABLE);
		if (target.clearedUnfinished) await emptyDatabase(connection);
		else demandEmpty(catalog);
		target.claimed = existing;
		if (options.defaults !== undefined) {
			await connection.exec(`ALTER DATABASE ${defaultsClause(options.defaults)}`);
		}
	}
	const marker = quoteIdentifier(MARKER_TABLE);
	await connection.exec(
		`CREATE TABLE ${marker} (note VARCHAR(200) CHARACTER SET ascii NOT NULL) COMMENT ${quoteText(MARKER_NOTE)}`,
	);
}

/** The restore is complete and verified. */
export async function releaseTarget(connection: SqlConnection): Promise<void> {
	await connection.exec(`DROP TABLE ${quoteIdentifier(MARKER_TABLE)}`);
}

/** Puts the target back to how it was: missing, or empty. Does nothing when it was not yet touched. */
export async function undoTarget(connection: SqlConnection, target: RestoreTarget): Promise<void> {
	const name = quoteIdentifier(target.database);
	if (target.created) {
		await connection.exec('SET foreign_key_checks=0');
		await connection.exec(`DROP DATABASE IF EXISTS ${name}`);
	} else if (target.claimed !== undefined) {
		await connection.exec(`USE ${name}`);
		await emptyDatabase(connection);
		await connection.exec(`ALTER DATABASE ${defaultsClause(target.claimed)}`);
	}
}

async function readDefaults(
	connection: SqlConnection,
	database: string,
): Promise<DatabaseDefaults | undefined> {
	const { rows } = await connection.rows(
		`SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${quoteText(database)} AND (@@lower_case_table_names <> 0 OR HEX(SCHEMA_NAME) = '${Buffer.from(database).toString('hex').toUpperCase()}')`,
	);
	const [row] = rows;
	return row === undefined ? undefined : { characterSet: text(row[0]), collation: text(row[1]) };
}

function defaultsClause(defaults: DatabaseDefaults | undefined): string {
	if (defaults === undefined) return '';
	for (const name of [defaults.characterSet, defaults.collation]) {
		if (!/^\w+$/.test(name)) {
			throw new EngineError('invalid_option', 'This is no name of a character set', {
				details: { name },
			});
		}
	}
	return ` CHARACTER SET ${defaults.characterSet} COLLATE ${defaults.collation}`;
}

function demandEmpty(catalog: Catalog): void {
	const { database, tables, sequences, views, routines, triggers, events } = catalog;
	const first = [...tables, ...views, ...routines, ...triggers, ...events].map(({ name }) => name);
	const found = [...first, ...sequences];
	if (found.length === 0) return;
	throw new EngineError(
		'sql_database_not_empty',
		`Database ${database} is not empty: it holds ${found.length} objects, among them ${found[0] ?? ''}`,
		{
			remedy: 'Restore into a new database, or drop what is in this one.',
			details: { database, objects: found.length },
		},
	);
}

/** Drops everything in the connection's database; the marker last. */
async function emptyDatabase(connection: SqlConnection): Promise<void> {
	await connection.exec('SET foreign_key_checks=0');
	const catalog = await readCatalog(connection);
	const drop = async (kind: string, name: string) => {
		await connection.exec(`DROP ${kind} IF EXISTS ${quoteIdentifier(name)}`);
	};
	for (const { name } of catalog.events) await drop('EVENT', name);
	for (const { name } of catalog.views) await drop('VIEW', name);
	for (const { name } of catalog.tables) if (name !== MARKER_TABLE) await drop('TABLE', name);
	for (const name of catalog.sequences) await drop('SEQUENCE', name);
	for (const { type, name } of catalog.routines) await drop(type, name);
	await drop('TABLE', MARKER_TABLE);
}
