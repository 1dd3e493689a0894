import { createHash } from 'node:crypto';

import { inDatabase } from './catalog.ts';
import { optionalText } from './cells.ts';
import type { SqlConnection } from './connection.ts';

/**
 * Names of all tables of a database and when each of them was made, as one hash: another one when a table
 * was made anew, whatever for. `undefined` when there is none. Rows do not count.
 */
export async function tableStamp(
	connection: SqlConnection,
	database: string,
): Promise<string | undefined> {
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, CREATE_TIME FROM information_schema.TABLES WHERE ${inDatabase('TABLE_SCHEMA', database)} AND CREATE_TIME IS NOT NULL`,
	);
	if (rows.length === 0) return undefined;
	const lines = rows.map((row) => row.map((cell) => optionalText(cell)).join('\0')).sort();
	return createHash('sha256').update(lines.join('\n')).digest('hex');
}
