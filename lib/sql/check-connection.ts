import { cancelledError, throwIfAborted, waitOrAbort } from '../core/index.ts';
import { SqlConnection } from './connection.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { type ServerInfo, readServerInfo } from './server-info.ts';

/**
 * Connects, says who answers, and that `database` (when given) exists and may be used. Rejects with
 * `sql_unreachable`, `sql_access_denied`, `sql_privilege_missing`, `sql_database_missing`,
 * `sql_tls_failed`, `sql_server_unsupported`, `cancelled`.
 */
export async function checkConnection(
	endpoint: SqlEndpoint,
	database: string | undefined,
	signal: AbortSignal,
): Promise<ServerInfo> {
	throwIfAborted(signal);
	const connection = await SqlConnection.open(endpoint, database, signal);
	try {
		const stop = () => connection.breakWith(cancelledError(signal));
		return await waitOrAbort(readServerInfo(connection), signal, stop);
	} finally {
		await connection.close();
	}
}
