import { setTimeout as sleep } from 'node:timers/promises';

import { EngineError } from '../core/index.ts';
import { readGrants } from './grants.ts';
import { integer, text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { inDatabase } from './catalog.ts';
import type { ServerInfo } from './server-info.ts';

export interface OtherSessions {
	readonly count: number;
	/** `user@host` of some of them. */
	readonly accounts: readonly string[];
	/** False: the account sees its own sessions only. */
	readonly seesAll: boolean;
}

/** The sessions of a run that was killed a moment ago take some time to end. */
const PATIENCE_MS = 2_000;
const POLL_MS = 100;

const HOW_TO_STOP =
	'Stop the CaosDB (LinkAhead) server first, e.g. with `lactl stop` or `systemctl stop linkahead`; the SQL server goes on. Or allow other sessions.';

/** Sessions whose current database is this one. Asks nobody but the server's own list. */
export async function readOtherSessions(
	connection: SqlConnection,
	server: ServerInfo,
	database: string,
): Promise<OtherSessions> {
	const { rows } = await connection.rows(
		`SELECT CONCAT(USER, '@', HOST), COUNT(*) FROM information_schema.PROCESSLIST WHERE ${inDatabase('DB', database)} AND ID <> CONNECTION_ID() AND COMMAND NOT IN ('Daemon', 'Killed') GROUP BY 1 ORDER BY 1`,
	);
	const grants = await readGrants(connection, server, database);
	return {
		count: rows.reduce((sum, row) => sum + integer(row[1]), 0),
		accounts: rows.slice(0, 5).map((row) => text(row[0])),
		seesAll: grants.hasGlobal('PROCESS'),
	};
}

/**
 * A running server would go on with the old content in mind, and write into the new. Throws
 * `sql_database_in_use` when sessions use the database, unless they are allowed.
 */
export async function refuseOtherSessions(
	connection: SqlConnection,
	server: ServerInfo,
	options: { readonly database: string; readonly allowOtherSessions?: boolean },
): Promise<void> {
	if (options.allowOtherSessions === true) return;
	const { database } = options;
	const deadline = Date.now() + PATIENCE_MS;
	let { count, accounts } = await readOtherSessions(connection, server, database);
	while (count > 0 && Date.now() < deadline) {
		await sleep(POLL_MS);
		({ count, accounts } = await readOtherSessions(connection, server, database));
	}
	if (count === 0) return;
	throw new EngineError(
		'sql_database_in_use',
		`Database ${database} is used by ${count} other ${count === 1 ? 'session' : 'sessions'} (${accounts.join(', ')})`,
		{ remedy: HOW_TO_STOP, details: { database, sessions: count } },
	);
}
