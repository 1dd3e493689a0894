import type { SqlConnection } from './connection.ts';
import { type DatabaseDefaults, defaultsClause } from './database-defaults.ts';
import { createDatabase } from './databases.ts';
import { dropAllBut, emptyDatabase } from './empty-database.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import { MARKER_TABLE } from './marker.ts';
import type { RestoreTarget } from './restore-target.ts';

/**
 * Restoring into the target itself, for accounts with rights on that database only. A marker table stands
 * in it meanwhile: the next restore recognises the remains of a killed one by it.
 */
const MARKER_NOTE =
	'A restore into this database is under way or was interrupted. The next restore empties the database.';

export interface Claim {
	/** From here on a failure must be undone. */
	made: boolean;
}

export interface ClaimOptions {
	readonly defaults: DatabaseDefaults | undefined;
	/** Where the old content lies, when there was any. */
	readonly safetyDump: string | undefined;
}

/** Makes or empties the target and uses it. */
export async function claimTarget(
	connection: SqlConnection,
	target: RestoreTarget,
	{ defaults, safetyDump }: ClaimOptions,
	claim: Claim,
): Promise<void> {
	const { database, objects } = target;
	if (target.defaults === undefined) {
		await createDatabase(connection, database, defaults);
		claim.made = true;
	}
	await connection.exec(`USE ${quoteIdentifier(database)}`);
	const marker = quoteIdentifier(MARKER_TABLE);
	await connection.exec(
		`CREATE TABLE ${marker} (note TEXT CHARACTER SET utf8mb4) COMMENT ${quoteText(MARKER_NOTE)}`,
	);
	claim.made = true;
	if (safetyDump !== undefined) {
		await connection.exec(`INSERT INTO ${marker} VALUES (${quoteText(safetyDump)})`);
	}
	if (objects > 0) await dropAllBut(connection, database, MARKER_TABLE);
	if (target.defaults !== undefined && defaults !== undefined) {
		await connection.exec(`ALTER DATABASE ${defaultsClause(defaults)}`);
	}
}

/** The restore is complete and verified. */
export async function releaseTarget(connection: SqlConnection): Promise<void> {
	await connection.exec(`DROP TABLE ${quoteIdentifier(MARKER_TABLE)}`);
}

/** Puts the target back to how it was: missing, or empty. */
export async function undoTarget(connection: SqlConnection, target: RestoreTarget): Promise<void> {
	const name = quoteIdentifier(target.database);
	if (target.defaults === undefined) {
		await connection.exec('SET foreign_key_checks=0');
		await connection.exec(`DROP DATABASE IF EXISTS ${name}`);
		return;
	}
	await connection.exec(`USE ${name}`);
	await emptyDatabase(connection, target.database, MARKER_TABLE);
	await connection.exec(`ALTER DATABASE ${defaultsClause(target.defaults)}`);
}
