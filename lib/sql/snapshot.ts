import { setTimeout as sleep } from 'node:timers/promises';

import { EngineError, cancelledError } from '../core/index.ts';
import { type Catalog, type CatalogTable, readCatalog } from './catalog.ts';
import { integer, optionalText, text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { LONGEST_WAIT_S } from './dump-session.ts';
import type { DumpSessions } from './dump-sessions.ts';
import type { DumpSnapshot } from './dump-summary.ts';
import type { Grants } from './grants.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import type { KillableSession } from './killable-session.ts';
import { allOf, privilegesMissing } from './privilege-errors.ts';
import type { ServerInfo } from './server-info.ts';

/*
 * One moment for all connections: writers are held back while the snapshots open, and only then.
 * REPEATABLE READ is pinned before: under READ COMMITTED there is no snapshot, on MariaDB without a word.
 */

/**
 * While a global read lock waits for one long statement, everybody else waits for it: give up early, and
 * try again. (A writer that waits for a row of another one, which waits for this lock, ends only so.)
 */
const LOCK_WAIT_S = 2;
const LOCK_TRIES = 6;
const LOCK_PAUSE_MS = 500;
const LOCK_WAIT_TIMEOUT = 1205;
const BINARY_LOG_OFF = 1381;

export interface OpenedSnapshot {
	readonly snapshot: DumpSnapshot;
	/** As it was at that moment. */
	readonly catalog: Catalog;
	readonly warnings: readonly string[];
}

export interface SnapshotNeeds {
	readonly server: ServerInfo;
	readonly grants: Grants;
	readonly database: string;
	/** All tables whose rows are read. */
	readonly tables: readonly CatalogTable[];
	/** The part of the catalog that is dumped. */
	readonly select: (catalog: Catalog) => Catalog;
	readonly signal: AbortSignal;
}

/**
 * Opens the snapshot on all lanes, and holds the definitions of everything to the end. Tables that know no
 * transactions are locked on a session of their own, which goes on holding them until they are read.
 */
export async function openSnapshot(
	sessions: DumpSessions,
	needs: SnapshotNeeds,
): Promise<OpenedSnapshot> {
	const { server, grants, database } = needs;
	const loose = needs.tables.filter(({ transactional }) => !transactional);
	if (loose.length > 0 && !grants.has('LOCK TABLES')) {
		const what = `Table ${loose[0]?.name ?? ''} knows no transactions, so it must be locked while it is read; the account ${server.account} lacks LOCK TABLES`;
		throw privilegesMissing([{ what, privilege: 'LOCK TABLES', on: allOf(database) }], server);
	}
	if (loose.length > 0) {
		// Not on a lane: there it would queue behind the writers that wait for our own lock.
		const { connection } = await sessions.openHolder();
		await connection.exec('START TRANSACTION');
		await holdDefinitions(connection, needs.select(await readCatalog(connection)), needs.signal);
	}
	const gate = await holdWriters(sessions, needs, loose);
	if (gate.method === 'single-connection') {
		await sessions.keepFirstLane();
		if (loose.length > 0) await lock(await sessions.openLocker(), lockStatement(loose));
	}
	await Promise.all(
		sessions.lanes.map(
			async ({ connection }) => await connection.exec('START TRANSACTION WITH CONSISTENT SNAPSHOT'),
		),
	);
	const { connection } = sessions.first;
	const snapshot = await describeSnapshot(connection, server, gate.method);
	const catalog = await readCatalog(connection);
	if (loose.length === 0) {
		// Everybody who writes waits for this.
		await connection.exec(`SET SESSION lock_wait_timeout=${LOCK_WAIT_S}`);
		await holdDefinitions(connection, needs.select(catalog), needs.signal);
		await connection.exec(`SET SESSION lock_wait_timeout=${LONGEST_WAIT_S}`);
	}
	await sessions.closeGate();
	return { snapshot, catalog, warnings: gate.warnings };
}

interface Gate {
	readonly method: DumpSnapshot['method'];
	readonly warnings: readonly string[];
}

const NO_GATE: Gate = { method: 'single-connection', warnings: [] };

/**
 * Holds back all who write, by what the account may do; without any right one connection has to do.
 * Locks are never taken one after the other while somebody may hold the second and wait for the first.
 */
async function holdWriters(
	sessions: DumpSessions,
	needs: SnapshotNeeds,
	loose: readonly CatalogTable[],
): Promise<Gate> {
	const { grants, tables } = needs;
	const mayFlush = grants.hasGlobal('RELOAD') || grants.hasGlobal('FLUSH_TABLES');
	if (sessions.lanes.length === 1 || tables.length === 0) return NO_GATE;
	if (!mayFlush && !grants.has('LOCK TABLES')) return NO_GATE;
	for (let attempt = 1; attempt <= LOCK_TRIES; attempt += 1) {
		if (attempt > 1) await pause(needs.signal);
		try {
			if (mayFlush) {
				await lock(await sessions.openGate(), 'FLUSH TABLES WITH READ LOCK');
				if (loose.length > 0) await lock(await sessions.openLocker(), lockStatement(loose));
				return { method: 'global-read-lock', warnings: [] };
			}
			const open = async () =>
				await (loose.length > 0 ? sessions.openLocker() : sessions.openGate());
			await lock(await open(), lockStatement(tables));
			return { method: 'table-locks', warnings: [] };
		} catch (error) {
			if (!isLockWait(error)) throw error;
			await sessions.closeGate();
			await sessions.closeLocker();
		}
	}
	const warning = `The dump was read over one connection: others kept tables busy, so the lock for several was not given within ${LOCK_TRIES} × ${LOCK_WAIT_S} s.`;
	return { method: 'single-connection', warnings: [warning] };
}

async function lock({ connection }: KillableSession, statement: string): Promise<void> {
	await connection.exec(`SET SESSION lock_wait_timeout=${LOCK_WAIT_S}`);
	await connection.exec(statement);
}

async function pause(signal: AbortSignal): Promise<void> {
	await sleep(LOCK_PAUSE_MS, undefined, { signal }).catch(() => {
		throw cancelledError(signal);
	});
}

function lockStatement(tables: readonly CatalogTable[]): string {
	return `LOCK TABLES ${tables.map(({ name }) => `${quoteIdentifier(name)} READ`).join(', ')}`;
}

async function describeSnapshot(
	connection: SqlConnection,
	server: ServerInfo,
	method: DumpSnapshot['method'],
): Promise<DumpSnapshot> {
	const { rows } = await connection.rows("SELECT DATE_FORMAT(NOW(6), '%Y-%m-%dT%H:%i:%s.%fZ')");
	const at = new Date(text(rows[0]?.[0])).toISOString();
	if (server.vendor === 'mariadb') {
		const binaryLog = await readMariaPosition(connection);
		const gtid = binaryLog === null ? null : await readMariaGtid(connection, binaryLog);
		return { method, at, binaryLog, gtid };
	}
	// Nothing ties MySQL's position to a snapshot but the lock.
	if (method === 'single-connection') return { method, at, binaryLog: null, gtid: null };
	return { method, at, ...(await readMysqlPosition(connection, server)) };
}

type Position = DumpSnapshot['binaryLog'];

/** MariaDB keeps the position that belongs to the snapshot, and shows it to every account. */
async function readMariaPosition(connection: SqlConnection): Promise<Position> {
	const { rows } = await connection.rows("SHOW STATUS LIKE 'binlog_snapshot%'");
	const values = new Map(rows.map((row) => [text(row[0]).toLowerCase(), row[1]]));
	const file = optionalText(values.get('binlog_snapshot_file'));
	if (file === null || file === '') return null;
	return { file, position: integer(values.get('binlog_snapshot_position')) };
}

async function readMariaGtid(
	connection: SqlConnection,
	log: NonNullable<Position>,
): Promise<string | null> {
	const { rows } = await connection.rows(
		`SELECT BINLOG_GTID_POS(${quoteText(log.file)}, ${log.position})`,
	);
	return optionalText(rows[0]?.[0]) || null;
}

/** Needs REPLICATION CLIENT; without it the position is not visible. */
async function readMysqlPosition(
	connection: SqlConnection,
	server: ServerInfo,
): Promise<Pick<DumpSnapshot, 'binaryLog' | 'gtid'>> {
	const { major, minor } = server;
	const renamed = major > 8 || (major === 8 && minor >= 2);
	try {
		const { names, rows } = await connection.rows(
			renamed ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
		);
		const [row] = rows;
		if (row === undefined) return { binaryLog: null, gtid: null };
		const gtid = optionalText(row[names.indexOf('Executed_Gtid_Set')])?.replaceAll('\n', '');
		return { binaryLog: { file: text(row[0]), position: integer(row[1]) }, gtid: gtid || null };
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		const hidden = error.code === 'sql_privilege_missing' || error.details.errno === BINARY_LOG_OFF;
		if (!hidden) throw error;
		return { binaryLog: null, gtid: null };
	}
}

/**
 * Reads nothing from every table and view, so that the transaction holds their metadata locks: ALTER,
 * DROP, RENAME and TRUNCATE by others now wait for the end of the dump instead of changing what is
 * read. A view that does not work is found here.
 */
async function holdDefinitions(
	connection: SqlConnection,
	catalog: Catalog,
	signal: AbortSignal,
): Promise<void> {
	const names = [...catalog.tables, ...catalog.views].map(({ name }) => name);
	for (const name of [...names, ...catalog.sequences]) {
		await holdDefinition(connection, name, signal);
	}
}

/**
 * Whoever flushes tables, such as another dump, makes every new reader of a table wait until nobody uses the
 * old version any more; MySQL 9.7 was seen to forget such a waiter. So it asks again.
 */
async function holdDefinition(
	connection: SqlConnection,
	name: string,
	signal: AbortSignal,
): Promise<void> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			await connection.rows(`SELECT 1 FROM ${quoteIdentifier(name)} LIMIT 0`);
			return;
		} catch (error) {
			if (!isLockWait(error) || attempt === LOCK_TRIES) throw error;
			await pause(signal);
		}
	}
}

function isLockWait(error: unknown): boolean {
	return error instanceof EngineError && error.details.errno === LOCK_WAIT_TIMEOUT;
}
