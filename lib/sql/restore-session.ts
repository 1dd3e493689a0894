import type { SqlConnection } from './connection.ts';
import type { ServerInfo } from './server-info.ts';

/** A day: the source of the dump may be slow, and building an index may take hours. */
const PATIENCE_S = 86_400;

const COMMON = [
	'UNLOCK TABLES',
	'SET NAMES utf8mb4',
	`SET ${[
		...['autocommit=1', 'character_set_results=NULL', "time_zone='+00:00'"],
		// Ids may be 0; a dump without settings of its own must not turn them into new ones.
		"sql_mode='NO_AUTO_VALUE_ON_ZERO'",
		...['sql_quote_show_create=1', 'sql_big_selects=1', 'sql_select_limit=DEFAULT'],
		// unique_checks stays 1: with both off, MariaDB's bulk insert loses rows (measured).
		...['foreign_key_checks=0', 'unique_checks=1'],
		...['net_write_timeout', 'net_read_timeout', 'wait_timeout'].map(
			(name) => `${name}=${PATIENCE_S}`,
		),
	].join(', ')}`,
];

const OF_VENDOR = {
	mariadb: ['SET max_statement_time=0, system_versioning_asof=DEFAULT'],
	// Keys of large tables are sorted in memory instead of in many small runs: a third less work (measured).
	mysql: ['SET max_execution_time=0', '/*!80027 SET innodb_ddl_buffer_size=33554432 */'],
} as const;

/** The session before the first statement of a dump, and again after its last one. */
export async function pinRestoreSession(
	connection: SqlConnection,
	server: ServerInfo,
): Promise<void> {
	for (const statement of [...COMMON, ...OF_VENDOR[server.vendor]])
		await connection.exec(statement);
}
