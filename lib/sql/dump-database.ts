import {
	type ByteSink,
	type ByteSource,
	type EngineContext,
	throwIfAborted,
	toEngineError,
} from '../core/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { type DumpContent, type DumpContentOptions, resolveDumpContent } from './dump-content.ts';
import { type DumpPlan, planDump } from './dump-plan.ts';
import { DumpSessions } from './dump-sessions.ts';
import type { DumpSnapshot, DumpSummary } from './dump-summary.ts';
import { DumpWriter } from './dump-writer.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { readGrants } from './grants.ts';
import { readSchemaVersion } from './schema-version.ts';
import { type ContentSelection, selectContent } from './select-content.ts';
import type { ServerInfo } from './server-info.ts';
import { openSnapshot } from './snapshot.ts';
import { demandSupported } from './table-plan.ts';
import { demandVisibility } from './visibility.ts';

export interface DumpOptions {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** Name and version of the program, for the header of the file. */
	readonly tool: string;
	/** Absent: the whole database. */
	readonly content?: DumpContentOptions;
	/** Opens what gets the rows about files, in a database of CaosDB that has them in the dump. */
	readonly fileRows?: () => ByteSink;
}

/** A dump that may begin: everything is checked, the snapshot is open. */
export interface PreparedDump {
	readonly sessions: DumpSessions;
	readonly tool: string;
	readonly content: DumpContent;
	readonly server: ServerInfo;
	readonly selection: ContentSelection;
	readonly plan: DumpPlan;
	readonly snapshot: DumpSnapshot;
	readonly schemaVersion: string | null;
	readonly warnings: readonly string[];
	readonly fileRows?: () => ByteSink;
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
	const content = resolveDumpContent(options.content);
	ctx.progress.report({ phase: 'prepare', done: 0, unit: 'entries' });
	const sessions = await DumpSessions.open(options, ctx.signal);
	try {
		const prepared = await prepare(sessions, { ...options, content }, ctx.signal);
		const writer = new DumpWriter(prepared, ctx);
		return { chunks: writer.chunks(), summary: () => writer.summary() };
	} catch (error) {
		await sessions.close();
		throw toEngineError(error);
	}
}

async function prepare(
	sessions: DumpSessions,
	{ database, tool, content, fileRows }: DumpOptions & { readonly content: DumpContent },
	signal: AbortSignal,
): Promise<PreparedDump> {
	const { server, first } = sessions;
	const { connection } = first;
	const grants = await readGrants(connection, server, database);
	// Looked at before anybody is held back: what cannot work must not disturb others.
	const early = await readCatalog(connection);
	demandVisibility(early, grants, server, content);
	const { catalog, structureOnly } = selectContent(early, content);
	const tables = catalog.tables.filter(({ name }) => !structureOnly.has(name));
	tables.forEach(demandSupported);
	await sessions.addLanes(content.connections - 1);
	const select = (now: Catalog) => selectContent(now, content).catalog;
	const needs = { server, grants, database, tables, select, signal };
	const opened = await openSnapshot(sessions, needs);
	const selection = selectContent(opened.catalog, content);
	const plan = await planDump(connection, selection, server, content);
	const { version, warnings } = await readSchemaVersion(connection, database);
	return {
		...{ sessions, tool, content, server, selection, plan },
		snapshot: opened.snapshot,
		schemaVersion: version,
		warnings: [...opened.warnings, ...plan.warnings, ...warnings],
		...(fileRows === undefined ? {} : { fileRows }),
	};
}
