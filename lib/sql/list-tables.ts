import { type EngineContext, cancelledError, throwIfAborted, waitOrAbort } from '../core/index.ts';
import { inDatabase } from './catalog.ts';
import { optionalText, text } from './cells.ts';
import { SqlConnection } from './connection.ts';
import type { SqlEndpoint } from './endpoint.ts';

/** A table or view as a person chooses it from a list. */
export interface ListedTable {
	readonly name: string;
	readonly kind: 'table' | 'view';
	/** Estimate; 0 for views. */
	readonly rows: number;
	/** Of the rows on the server's disk, without indexes; estimate. */
	readonly bytes: number;
}

/**
 * Tables and views of a database that the account can see, by name. Rejects as connecting does:
 * `sql_unreachable`, `sql_access_denied`, `sql_privilege_missing`, `sql_database_missing`,
 * `sql_tls_failed`, `cancelled`.
 */
export async function listTables(
	endpoint: SqlEndpoint,
	database: string,
	{ signal }: Pick<EngineContext, 'signal'>,
): Promise<readonly ListedTable[]> {
	throwIfAborted(signal);
	const connection = await SqlConnection.open(endpoint, database, signal);
	try {
		const stop = () => connection.breakWith(cancelledError(signal));
		return await waitOrAbort(read(connection), signal, stop);
	} finally {
		await connection.close();
	}
}

async function read(connection: SqlConnection): Promise<readonly ListedTable[]> {
	await connection.exec('SET NAMES utf8mb4');
	const current = await connection.rows('SELECT DATABASE()');
	const database = text(current.rows[0]?.[0]);
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS, DATA_LENGTH FROM information_schema.TABLES WHERE ${inDatabase('TABLE_SCHEMA', database)} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') ORDER BY TABLE_NAME`,
	);
	return rows.map((row) => ({
		name: text(row[0]),
		kind: text(row[1]).toUpperCase() === 'VIEW' ? 'view' : 'table',
		rows: Number(optionalText(row[2]) ?? 0),
		bytes: Number(optionalText(row[3]) ?? 0),
	}));
}
