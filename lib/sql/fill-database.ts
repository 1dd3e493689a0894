import { type EngineContext, throwIfAborted } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { DumpReader } from './dump-reader.ts';
import { readChunks } from './read-chunks.ts';
import type { ExpectedContent } from './restore-report.ts';
import { pinRestoreSession } from './restore-session.ts';
import type { ServerInfo } from './server-info.ts';
import { type LoadOptions, StatementLoader } from './statement-loader.ts';
import { type VerifiedContent, verifyRestore } from './verify-restore.ts';

export interface FillOptions extends LoadOptions {
	/** The decompressed dump; read once, to its end. */
	readonly chunks: AsyncIterable<Uint8Array>;
	readonly expected: ExpectedContent | undefined;
}

/** A dump that was loaded and compared. */
export interface FilledDatabase {
	readonly reader: DumpReader;
	readonly loader: StatementLoader;
	readonly verified: VerifiedContent;
}

/** Loads a dump into the connection's database, which is empty, and verifies what the server has then. */
export async function fillDatabase(
	connection: SqlConnection,
	server: ServerInfo,
	options: FillOptions,
	ctx: EngineContext,
): Promise<FilledDatabase> {
	const { chunks, expected } = options;
	const reader = new DumpReader();
	const loader = new StatementLoader(connection, server, options);
	for await (const chunk of readChunks(chunks, ctx.signal)) {
		for (const read of reader.push(chunk)) await loader.load(read);
		ctx.progress.report({ phase: 'load', done: reader.bytes, unit: 'bytes' });
	}
	for (const read of reader.end()) await loader.load(read);
	await loader.finish();
	await pinRestoreSession(connection, server);
	const { expiredEvents } = loader;
	const { tally } = reader;
	const verified = await verifyRestore(connection, { tally, expected, expiredEvents }, ctx);
	throwIfAborted(ctx.signal);
	return { reader, loader, verified };
}
