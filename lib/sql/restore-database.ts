import { EngineError, type EngineContext, throwIfAborted, toEngineError } from '../core/index.ts';
import { SqlConnection } from './connection.ts';
import { DumpReader } from './dump-reader.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { KillableSession } from './killable-session.ts';
import { readChunks } from './read-chunks.ts';
import type { ExpectedContent, RestoreReport } from './restore-report.ts';
import { pinRestoreSession } from './restore-session.ts';
import {
	type RestoreTarget,
	claimTarget,
	lockTarget,
	newTarget,
	releaseTarget,
	undoTarget,
} from './restore-target.ts';
import { type ServerInfo, readServerInfo } from './server-info.ts';
import { StatementLoader } from './statement-loader.ts';
import { verifyRestore } from './verify-restore.ts';

export interface RestoreOptions {
	readonly endpoint: SqlEndpoint;
	/** Created when it is missing, else it must be empty. */
	readonly database: string;
	/** The decompressed dump; read once, to its end. */
	readonly chunks: AsyncIterable<Uint8Array>;
	/** From the manifest; without it only what the dump itself says can be verified. */
	readonly expected?: ExpectedContent;
	/** Whether a missing database may be created. Default true. */
	readonly createMissing?: boolean;
}

/** Dropping many large tables takes its time; without a limit a dead server would hold the run for ever. */
const UNDO_LIMIT_MS = 5 * 60_000;

/**
 * Loads a dump into a database that does not exist or is empty, and verifies it. When that fails or is
 * cancelled, the database is dropped or emptied again, whichever it was. A marker table stands in it
 * meanwhile: the remains of a killed run are recognised by it and removed first. Rejects with
 * `sql_database_not_empty`, `sql_database_missing`, `artifact_truncated`, `artifact_corrupt`,
 * `sql_object_unsupported`, `sql_statement_failed`, `sql_privilege_missing`, `sql_setting_required`,
 * `sql_verify_failed`, `cancelled`, the errors of connecting, or the source's own error.
 */
export async function restoreDatabase(
	options: RestoreOptions,
	ctx: EngineContext,
): Promise<RestoreReport> {
	throwIfAborted(ctx.signal);
	ctx.progress.report({ phase: 'prepare', done: 0, unit: 'entries' });
	const target = newTarget(options.database);
	const session = await KillableSession.open(options.endpoint, undefined, ctx.signal);
	try {
		return await fill(session.connection, target, options, ctx);
	} catch (error) {
		const cause = toEngineError(error);
		// First the session, then the content: its statement would go on filling, and holds locks.
		await session.stop(cause);
		throw await undo(options.endpoint, target, cause);
	} finally {
		await session.close();
	}
}

async function fill(
	connection: SqlConnection,
	target: RestoreTarget,
	options: RestoreOptions,
	ctx: EngineContext,
): Promise<RestoreReport> {
	const { database, expected, createMissing = true } = options;
	const server = await readServerInfo(connection);
	await pinRestoreSession(connection, server);
	await lockTarget(connection, database);
	await claimTarget(connection, target, { createMissing, defaults: expected?.database });
	const reader = new DumpReader();
	const loader = new StatementLoader(connection, server, {
		defaultsKnown: expected !== undefined,
		created: target.created,
	});
	await loadAll(reader, loader, options.chunks, ctx);
	return await finish({ connection, target, server, reader, loader, expected }, ctx);
}

async function loadAll(
	reader: DumpReader,
	loader: StatementLoader,
	chunks: AsyncIterable<Uint8Array>,
	ctx: EngineContext,
): Promise<void> {
	for await (const chunk of readChunks(chunks, ctx.signal)) {
		for (const read of reader.push(chunk)) await loader.load(read);
		ctx.progress.report({ phase: 'load', done: reader.bytes, unit: 'bytes' });
	}
	for (const read of reader.end()) await loader.load(read);
	await loader.finish();
}

interface Loaded {
	readonly connection: SqlConnection;
	readonly target: RestoreTarget;
	readonly server: ServerInfo;
	readonly reader: DumpReader;
	readonly loader: StatementLoader;
	readonly expected: ExpectedContent | undefined;
}

async function finish(loaded: Loaded, ctx: EngineContext): Promise<RestoreReport> {
	const { connection, target, server, reader, loader, expected } = loaded;
	const { tally } = reader;
	await pinRestoreSession(connection, server);
	const { expiredEvents } = loader;
	const verified = await verifyRestore(connection, { tally, expected, expiredEvents }, ctx);
	throwIfAborted(ctx.signal);
	await releaseTarget(connection);
	ctx.progress.report({ phase: 'finish', done: reader.bytes, unit: 'bytes' });
	return {
		database: target.database,
		createdDatabase: target.created,
		clearedUnfinished: target.clearedUnfinished,
		tables: verified.tables,
		rows: verified.tables.reduce((sum, { rows }) => sum + rows, 0),
		views: tally.views.size,
		routines: tally.routines,
		triggers: tally.triggers.size,
		events: tally.events.size - expiredEvents,
		sequences: tally.sequences.size,
		statements: tally.statements,
		bytes: reader.bytes,
		schemaVersion: verified.schemaVersion,
		warnings: [...loader.warnings, ...verified.warnings],
	};
}

/** Puts the target back over a new connection; the run's signal may be aborted, so it does not count. */
async function undo(
	endpoint: SqlEndpoint,
	target: RestoreTarget,
	cause: EngineError,
): Promise<EngineError> {
	if (!target.created && target.claimed === undefined) return cause;
	try {
		const limit = AbortSignal.timeout(UNDO_LIMIT_MS);
		const session = await KillableSession.open(endpoint, undefined, limit);
		try {
			await undoTarget(session.connection, target);
		} finally {
			await session.close();
		}
		return cause;
	} catch (error) {
		const failure = toEngineError(error);
		return new EngineError(
			cause.code,
			`${cause.message}; and database ${target.database} could not be emptied again: ${failure.message}`,
			{
				remedy: `The next restore into ${target.database} removes the remains. ${cause.remedy ?? ''}`,
				details: { ...cause.details, undoError: failure.code },
				cause,
			},
		);
	}
}
