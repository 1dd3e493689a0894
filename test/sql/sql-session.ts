import { type EngineContext, NO_PROGRESS } from '../../lib/core/index.ts';
import {
	type DumpContentOptions,
	type DumpSummary,
	type RestoreReport,
	type SqlEndpoint,
	dumpDatabase,
	restoreDatabase,
} from '../../lib/sql/index.ts';
import type { TestServer } from '../servers/index.ts';

export const TOOL = 'n8n-nodes-caosdb test';

export function endpointOf(server: TestServer): SqlEndpoint {
	const { host, port, user, password } = server.address;
	return { host, port, user, password, connectTimeoutMs: 5_000 };
}

export function context(signal: AbortSignal = new AbortController().signal): EngineContext {
	return { signal, progress: NO_PROGRESS };
}

export async function* chunksOf(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
	for (const part of parts) {
		await Promise.resolve();
		yield part;
	}
}

export async function dump(
	server: TestServer,
	database: string,
	content: DumpContentOptions = {},
	endpoint: SqlEndpoint = endpointOf(server),
): Promise<{ readonly sql: Buffer; readonly summary: DumpSummary }> {
	const source = await dumpDatabase({ endpoint, database, tool: TOOL, content }, context());
	const parts: Uint8Array[] = [];
	for await (const chunk of source.chunks) parts.push(chunk);
	return { sql: Buffer.concat(parts), summary: source.summary() };
}

export async function restore(
	server: TestServer,
	database: string,
	sql: Uint8Array,
	expected?: DumpSummary,
): Promise<RestoreReport> {
	return await restoreDatabase(
		{
			endpoint: endpointOf(server),
			database,
			chunks: chunksOf(sql),
			...(expected === undefined ? {} : { expected }),
		},
		context(),
	);
}

/** Ids of the sessions that hold a database open or run something, beside the asking one. */
export async function engineSessions(server: TestServer): Promise<string[]> {
	const found = await server.sql(
		`SELECT id FROM information_schema.processlist WHERE user = '${server.address.user}'
		AND id <> CONNECTION_ID()`,
	);
	return found.split('\n').filter((id) => id !== '');
}

/** Number of tables, routines and events in a database, and whether it exists. */
export async function objectCount(server: TestServer, database: string): Promise<string> {
	const found = await server.sql(
		`SELECT (SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '${database}'),
		(SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '${database}')
		+ (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = '${database}')`,
	);
	return found.trim().replace('\t', ' database, ').concat(' objects');
}
