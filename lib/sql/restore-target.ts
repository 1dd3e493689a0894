import { createHash } from 'node:crypto';

import { EngineError } from '../core/index.ts';
import { optionalText } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { type DatabaseDefaults, readDefaults } from './database-defaults.ts';
import { dropAllBut } from './empty-database.ts';
import { quoteText } from './identifiers.ts';
import { MARKER_TABLE, readMarker } from './marker.ts';
import { readObjectNames } from './object-names.ts';

/** The database that a restore is about, as it was found. */
export interface RestoreTarget {
	readonly database: string;
	/** `undefined`: there is none yet. */
	readonly defaults: DatabaseDefaults | undefined;
	/** What it was like before an interrupted restore in place had begun; else as `defaults`. */
	readonly before: DatabaseDefaults | undefined;
	/** How many objects are in it, and one of them for messages. */
	readonly objects: number;
	readonly example: string;
	/** It held the remains of a restore that had been killed; only their marker is left. */
	readonly clearedUnfinished: boolean;
	/** The dump of its content that the killed restore had made first; the marker names it. */
	readonly safetyDump: string | undefined;
}

/**
 * Makes sure that no other restore is about this database; the lock ends with the connection. Rejects
 * with `sql_database_in_use` when another one is at it for longer than `seconds`.
 */
export async function lockTarget(
	connection: SqlConnection,
	database: string,
	seconds: number,
): Promise<void> {
	const hash = createHash('sha256').update(database).digest('hex').slice(0, 32);
	const { rows } = await connection.rows(
		`SELECT GET_LOCK(${quoteText(`n8n-caosdb-into-${hash}`)}, ${seconds})`,
	);
	if (optionalText(rows[0]?.[0]) === '1') return;
	throw new EngineError('sql_database_in_use', `Another restore into ${database} is under way`, {
		remedy: 'Wait for its end, or restore into another database.',
		details: { database },
	});
}

/**
 * Looks at the target, and empties it when the marker of a killed restore stands in it. The marker stays
 * until the target has a whole content, for it tells where the old one lies.
 */
export async function inspectTarget(
	connection: SqlConnection,
	database: string,
): Promise<RestoreTarget> {
	const defaults = await readDefaults(connection, database);
	const nothing = {
		...{ database, defaults, before: defaults, objects: 0, example: '' },
		...{ clearedUnfinished: false, safetyDump: undefined },
	};
	if (defaults === undefined) return nothing;
	const objects = await readObjectNames(connection, database);
	if (objects.some(({ name }) => name === MARKER_TABLE)) {
		const { safetyDump, before } = await readMarker(connection, database);
		await dropAllBut(connection, database, MARKER_TABLE);
		return { ...nothing, before, clearedUnfinished: true, safetyDump };
	}
	// Tables come last and mean most to a person.
	return { ...nothing, objects: objects.length, example: objects.at(-1)?.name ?? '' };
}

/** Throws `sql_database_missing`, or `sql_database_not_empty` unless the content may be replaced. */
export function demandUsable(
	target: RestoreTarget,
	allowed: { readonly createMissing: boolean; readonly replace: boolean },
): void {
	const { database, defaults, objects, example } = target;
	if (defaults === undefined && !allowed.createMissing) {
		throw new EngineError('sql_database_missing', `There is no database ${database}`, {
			remedy: 'Create it, or allow the restore to create it.',
			details: { database },
		});
	}
	if (objects === 0 || allowed.replace) return;
	throw new EngineError(
		'sql_database_not_empty',
		`Database ${database} is not empty: it holds ${objects} objects, among them ${example}`,
		{
			remedy:
				'Restore into a new database, or allow the content to be replaced (it is kept beside the new one).',
			details: { database, objects },
		},
	);
}
