import {
	type ByteSource,
	EngineError,
	type EngineContext,
	throwIfAborted,
	toEngineError,
} from '../core/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { optionalText } from './cells.ts';
import { type DumpOptions, type ResolvedDumpOptions, resolveDumpOptions } from './dump-options.ts';
import { type DumpPlan, planDump } from './dump-plan.ts';
import { type DumpSelection, selectObjects } from './dump-selection.ts';
import { DumpSessions } from './dump-sessions.ts';
import type { DumpSnapshot, DumpSummary } from './dump-summary.ts';
import { DumpWriter } from './dump-writer.ts';
import { readGrants } from './grants.ts';
import type { KillableSession } from './killable-session.ts';
import type { ServerInfo } from './server-info.ts';
import { openSnapshot } from './snapshot.ts';
import { demandSupported } from './table-plan.ts';
import { demandVisibility } from './visibility.ts';

/** A dump that may begin: everything is checked, the snapshot is open. */
export interface PreparedDump {
	readonly sessions: DumpSessions;
	readonly options: ResolvedDumpOptions;
	readonly server: ServerInfo;
	readonly selection: DumpSelection;
	readonly plan: DumpPlan;
	readonly snapshot: DumpSnapshot;
	readonly schemaVersion: string | null;
	readonly warnings: readonly string[];
}

/**
 * Opens a snapshot of one database and checks everything that can be checked; the returned source then
 * reads the rows. The source holds a connection: read it to its end, leave its loop, or abort the
 * signal. Rejects, before the first byte, with `sql_unreachable`, `sql_access_denied`,
 * `sql_tls_failed`, `sql_database_missing`, `sql_server_unsupported`, `sql_privilege_missing` (with the
 * GRANT), `sql_object_unsupported`; while reading with `sql_connection_lost`, `sql_statement_failed`,
 * `sql_verify_failed` (routines were changed meanwhile), `cancelled`.
 */
export async function dumpDatabase(
	options: DumpOptions,
	ctx: EngineContext,
): Promise<ByteSource<DumpSummary>> {
	throwIfAborted(ctx.signal);
	const resolved = resolveDumpOptions(options);
	ctx.progress.report({ phase: 'prepare', done: 0, unit: 'entries' });
	const sessions = await DumpSessions.open(resolved, ctx.signal);
	try {
		const prepared = await prepare(sessions, resolved, ctx.signal);
		const writer = new DumpWriter(prepared, ctx);
		return { chunks: writer.chunks(), summary: () => writer.summary() };
	} catch (error) {
		await sessions.close();
		throw toEngineError(error);
	}
}

async function prepare(
	sessions: DumpSessions,
	options: ResolvedDumpOptions,
	signal: AbortSignal,
): Promise<PreparedDump> {
	const { server, first } = sessions;
	const { connection } = first;
	const grants = await readGrants(connection, server, options.database);
	// Looked at before anybody is held back: what cannot work must not disturb others.
	const early = await readCatalog(connection);
	demandVisibility(early, grants, server, options);
	const { catalog, structureOnly } = selectObjects(early, options);
	const tables = catalog.tables.filter(({ name }) => !structureOnly.has(name));
	tables.forEach(demandSupported);
	await sessions.addLanes(options.connections - 1);
	const { database } = catalog;
	const select = (now: Catalog) => selectObjects(now, options).catalog;
	const needs = { server, grants, database, tables, select, signal };
	const opened = await openSnapshot(sessions, needs);
	const selection = selectObjects(opened.catalog, options);
	const plan = await planDump(connection, selection, server, options);
	const { version, warnings } = await readSchemaVersion(first, selection.catalog);
	return {
		...{ sessions, options, server, selection, plan },
		snapshot: opened.snapshot,
		schemaVersion: version,
		warnings: [...opened.warnings, ...plan.warnings, ...warnings],
	};
}

/** The function is CaosDB's; its answer is a constant. The account need not be allowed to call it. */
async function readSchemaVersion(
	session: KillableSession,
	catalog: Catalog,
): Promise<{ version: string | null; warnings: readonly string[] }> {
	const present = catalog.routines.some(
		({ type, name }) => type === 'FUNCTION' && name === 'CaosDBVersion',
	);
	if (!present) return { version: null, warnings: [] };
	try {
		const { rows } = await session.connection.rows('SELECT CaosDBVersion()');
		return { version: optionalText(rows[0]?.[0]), warnings: [] };
	} catch (error) {
		if (!(error instanceof EngineError) || !session.connection.usable) throw error;
		const warning = `The schema version is unknown: CaosDBVersion() cannot be called (${error.message}).`;
		return { version: null, warnings: [warning] };
	}
}
