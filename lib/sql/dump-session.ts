import type { SqlConnection } from './connection.ts';
import type { ServerInfo } from './server-info.ts';

/** A day: reading waits for whoever takes the dump (compression, a slow network drive). */
const PATIENCE_S = 86_400;

/** For a lock that somebody else holds: a change of a large table takes its time, a dump must not wait for ever. */
export const LONGEST_WAIT_S = 300;

/** Whatever the server's defaults and the account's init_connect are, a dump reads under these. */
const COMMON = [
	'SET NAMES utf8mb4',
	// Stored bytes come back as they are, whatever the character set of the column.
	'SET character_set_results=NULL',
	// ANSI_QUOTES and ORACLE would change SHOW CREATE, PAD_CHAR_TO_FULL_LENGTH the values.
	"SET sql_mode=''",
	"SET time_zone='+00:00'",
	'SET sql_quote_show_create=1, sql_big_selects=1, sql_select_limit=DEFAULT, autocommit=1',
	`SET net_write_timeout=${PATIENCE_S}, net_read_timeout=${PATIENCE_S}, wait_timeout=${PATIENCE_S}`,
	`SET lock_wait_timeout=${LONGEST_WAIT_S}`,
	// Rows in an order of the server's own making would differ from run to run.
	"SET optimizer_switch='mrr=off'",
	'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];

const OF_VENDOR = {
	mariadb: ['SET max_statement_time=0', 'SET system_versioning_asof=DEFAULT'],
	mysql: ['SET max_execution_time=0', 'SET information_schema_stats_expiry=0'],
} as const;

/** Fixes all settings of the session that could change what a dump reads. */
export async function pinDumpSession(connection: SqlConnection, server: ServerInfo): Promise<void> {
	for (const statement of [...COMMON, ...OF_VENDOR[server.vendor]])
		await connection.exec(statement);
}
