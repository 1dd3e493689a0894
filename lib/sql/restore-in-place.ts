import type { SqlConnection } from './connection.ts';
import { type DatabaseDefaults, defaultsClause } from './database-defaults.ts';
import { createForLoad, databaseExists } from './databases.ts';
import { dropAllBut, emptyDatabase } from './empty-database.ts';
import { quoteIdentifier } from './identifiers.ts';
import { MARKER_TABLE, createMarker, markerIn } from './marker.ts';
import { readObjectNames } from './object-names.ts';
import type { RestoreTarget } from './restore-target.ts';

/**
 * Restoring into the target itself, for accounts with rights on that database only. A marker table stands
 * in it meanwhile: the next restore recognises the remains of a killed one by it, and finds in it where
 * the old content lies.
 */

/** How far a restore in place has come: what a failure must undo. */
export interface Claim {
	/** The database or its marker may have been made. */
	made: boolean;
	/** The old content may be gone. */
	emptied: boolean;
	/** The new content is complete; the marker may be gone. */
	loaded: boolean;
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
	// Said before it is done: the answer may get lost.
	claim.made = true;
	if (target.defaults === undefined) await createForLoad(connection, database, defaults);
	await connection.exec(`USE ${quoteIdentifier(database)}`);
	const { before } = target;
	if (!target.clearedUnfinished) await createMarker(connection, database, { safetyDump, before });
	claim.emptied = objects > 0;
	if (objects > 0) await dropAllBut(connection, database, MARKER_TABLE);
	if (target.defaults !== undefined && defaults !== undefined) {
		await connection.exec(`ALTER DATABASE ${defaultsClause(defaults)}`);
	}
}

async function isMarked(connection: SqlConnection, database: string): Promise<boolean> {
	const objects = await readObjectNames(connection, database);
	return objects.some(({ name }) => name === MARKER_TABLE);
}

/** The target has a whole content, its new or its old one. */
export async function releaseTarget(connection: SqlConnection, database: string): Promise<void> {
	await connection.exec(`DROP TABLE IF EXISTS ${markerIn(database)}`);
}

/**
 * Puts the target back to how it was: missing, empty, or untouched. Where the old content was dropped,
 * an empty database stays, with the marker that tells where that content lies. Does nothing when the
 * restore turns out to be complete, and tells so.
 */
export async function undoTarget(
	connection: SqlConnection,
	target: RestoreTarget,
	claim: Claim,
): Promise<'undone' | 'complete'> {
	const { database, before } = target;
	if (!claim.made || !(await databaseExists(connection, database))) return 'undone';
	const marked = await isMarked(connection, database);
	if (claim.loaded && !marked) return 'complete';
	if (before === undefined && target.safetyDump === undefined) {
		// Nobody else's: the target is locked, and this restore has made it.
		if (marked) await emptyDatabase(connection, database, MARKER_TABLE);
		const left = await readObjectNames(connection, database);
		if (left.length === 0) await connection.exec(`DROP DATABASE ${quoteIdentifier(database)}`);
		return 'undone';
	}
	await connection.exec(`USE ${quoteIdentifier(database)}`);
	if (claim.emptied || target.objects === 0) {
		if (marked) await dropAllBut(connection, database, MARKER_TABLE);
		if (before !== undefined) await connection.exec(`ALTER DATABASE ${defaultsClause(before)}`);
	}
	if (!claim.emptied && target.safetyDump === undefined) {
		await releaseTarget(connection, database);
	}
	return 'undone';
}
