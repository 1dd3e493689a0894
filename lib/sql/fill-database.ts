import { type EngineContext, throwIfAborted } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { type DumpOrigin, DumpReader } from './dump-reader.ts';
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
	/** False: the dump may lack a last line that says that it is complete. */
	readonly requireEnd?: boolean | undefined;
	/** The database that is being filled. */
	readonly database: string;
}

/** A dump that was loaded and compared. */
export interface FilledDatabase {
	readonly reader: DumpReader;
	readonly loader: StatementLoader;
	readonly verified: VerifiedContent;
	readonly origin: DumpOrigin;
}

/** Loads a dump into the connection's database, which is empty, and verifies what the server has then. */
export async function fillDatabase(
	connection: SqlConnection,
	server: ServerInfo,
	options: FillOptions,
	ctx: EngineContext,
): Promise<FilledDatabase> {
	const { chunks, expected } = options;
	const { requireEnd = true } = options;
	const reader = new DumpReader({ requireEnd });
	const loader = new StatementLoader(connection, server, options);
	for await (const chunk of readChunks(chunks, ctx.signal)) {
		for (const read of reader.push(chunk)) await loader.load(read);
		ctx.progress.report({ phase: 'load', done: reader.bytes, unit: 'bytes' });
	}
	const ending = reader.end();
	let step = ending.next();
	for (; step.done !== true; step = ending.next()) await loader.load(step.value);
	await loader.finish();
	await pinRestoreSession(connection, server);
	await loader.addKeys(ctx);
	const { expiredEvents } = loader;
	const { tally } = reader;
	const place = { endpoint: connection.endpoint, database: options.database };
	const verified = await verifyRestore(connection, { place, tally, expected, expiredEvents }, ctx);
	throwIfAborted(ctx.signal);
	return { reader, loader, verified, origin: step.value };
}
