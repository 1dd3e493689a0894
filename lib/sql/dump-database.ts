import {
	type ByteSource,
	type EngineContext,
	throwIfAborted,
	toEngineError,
} from '../core/index.ts';
import { type Catalog, type CatalogPrograms, programsOf, readCatalog } from './catalog.ts';
import { type DumpContent, type DumpContentOptions, resolveDumpContent } from './dump-content.ts';
import { DumpOutput } from './dump-output.ts';
import { type DumpPlan, planDump } from './dump-plan.ts';
import { pinDumpSession } from './dump-session.ts';
import type { DumpSnapshot, DumpSummary } from './dump-summary.ts';
import { DumpWriter } from './dump-writer.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { readGrants } from './grants.ts';
import { KillableSession } from './killable-session.ts';
import { readSchemaVersion } from './schema-version.ts';
import { selectContent } from './select-content.ts';
import { type ServerInfo, readServerInfo } from './server-info.ts';
import { holdDefinitions, startSnapshot } from './snapshot.ts';
import { demandVisibility } from './visibility.ts';

export interface DumpOptions {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** Name and version of the program, for the header of the file. */
	readonly tool: string;
	/** Absent: the whole database. */
	readonly content?: DumpContentOptions;
}

/** A dump that may begin: everything is checked, the snapshot is open. */
export interface PreparedDump {
	readonly session: KillableSession;
	readonly server: ServerInfo;
	/** What goes into the dump. */
	readonly catalog: Catalog;
	/** All that the database holds, to see at the end whether it was changed. */
	readonly programs: CatalogPrograms;
	readonly plan: DumpPlan;
	readonly snapshot: DumpSnapshot;
	readonly schemaVersion: string | null;
	readonly tool: string;
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
	const session = await KillableSession.open(options.endpoint, options.database, ctx.signal);
	try {
		const prepared = await prepare(session, options, content);
		const writer = new DumpWriter(prepared, new DumpOutput(), ctx);
		return { chunks: writer.chunks(), summary: () => writer.summary() };
	} catch (error) {
		await session.close();
		throw toEngineError(error);
	}
}

async function prepare(
	session: KillableSession,
	options: DumpOptions,
	content: DumpContent,
): Promise<PreparedDump> {
	const { connection } = session;
	const server = await readServerInfo(connection);
	await pinDumpSession(connection, server);
	const grants = await readGrants(connection, server, options.database);
	const snapshot = await startSnapshot(connection, server);
	const catalog = await readCatalog(connection);
	demandVisibility(catalog, grants, server, content);
	const selection = selectContent(catalog, content);
	await holdDefinitions(connection, selection.catalog);
	const plan = await planDump(connection, selection, server, content);
	const { version, warnings } = await readSchemaVersion(connection, catalog);
	return {
		session,
		server,
		catalog: selection.catalog,
		programs: programsOf(catalog),
		plan: { ...plan, warnings: [...plan.warnings, ...warnings] },
		snapshot,
		schemaVersion: version,
		tool: options.tool,
	};
}
