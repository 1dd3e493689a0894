import { EngineError } from '../core/index.ts';
import { inDatabase } from './catalog.ts';
import { optionalText } from './cells.ts';
import type { SqlConnection } from './connection.ts';

export interface SchemaVersion {
	/** `null` when the database has no such function, or it cannot be called. */
	readonly version: string | null;
	readonly warnings: readonly string[];
}

/** What `CaosDBVersion()` answers in the connection's database. */
export async function readSchemaVersion(
	connection: SqlConnection,
	database: string,
): Promise<SchemaVersion> {
	const { rows: found } = await connection.rows(
		`SELECT 1 FROM information_schema.ROUTINES WHERE ${inDatabase('ROUTINE_SCHEMA', database)} AND ROUTINE_NAME = 'CaosDBVersion'`,
	);
	if (found.length === 0) return { version: null, warnings: [] };
	try {
		const { rows } = await connection.rows('SELECT CaosDBVersion()');
		return { version: optionalText(rows[0]?.[0]), warnings: [] };
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		const warning = `The schema version is unknown: CaosDBVersion() cannot be called (${error.message}): check that the account that owns the routines exists and has rights on this database.`;
		return { version: null, warnings: [warning] };
	}
}
