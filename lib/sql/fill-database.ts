import { type EngineContext, EngineError, throwIfAborted, toEngineError } from '../core/index.ts';
import { integer } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { type DumpOrigin, DumpReader } from './dump-reader.ts';
import { FrameLoader } from './frame-loader.ts';
import { dropOpenForeignKeys, openKeyWarnings } from './open-foreign-keys.ts';
import type { FramedDump } from './framed-dump.ts';
import { LoadLanes } from './load-lanes.ts';
import { type LoadSize, planLoad } from './load-plan.ts';
import { readChunks } from './read-chunks.ts';
import { type ExpectedContent, unknownCharacterSet } from './restore-report.ts';
import { pinRestoreSession } from './restore-session.ts';
import type { ServerInfo } from './server-info.ts';
import { type LoadOptions, StatementLoader } from './statement-loader.ts';
import { StatementSpreader } from './statement-spreader.ts';
import { type VerifiedContent, verifyRestore } from './verify-restore.ts';

/** What is loaded, and how. */
export interface DumpToLoad {
	/** The decompressed dump; read once, to its end. */
	readonly chunks?: AsyncIterable<Uint8Array> | undefined;
	/** Instead of `chunks`: read in pieces, several at once. */
	readonly framed?: FramedDump | undefined;
	/** From the manifest; without it only what the dump itself says can be verified. */
	readonly expected?: ExpectedContent | undefined;
	/** False: the dump may lack a last line that says that it is complete. Default true. */
	readonly requireEnd?: boolean | undefined;
	/** How much there is, where it is known without `expected`. */
	readonly size?: LoadSize | undefined;
	/** Connections that load at once. Default: 2, for a small dump 1. */
	readonly connections?: number | undefined;
}

export interface FillOptions extends DumpToLoad, LoadOptions {
	/** The database that is being filled. */
	readonly database: string;
}

/** A dump that was loaded and compared. */
export interface FilledDatabase {
	readonly reader: DumpReader;
	readonly loader: StatementLoader;
	readonly verified: VerifiedContent;
	readonly origin: DumpOrigin;
	readonly warnings: readonly string[];
}

interface Loaded {
	readonly reader: DumpReader;
	readonly origin: DumpOrigin;
}

/** Loads a dump into the connection's database, which is empty, and verifies what the server has then. */
export async function fillDatabase(
	connection: SqlConnection,
	server: ServerInfo,
	options: FillOptions,
	ctx: EngineContext,
): Promise<FilledDatabase> {
	const { expected, database } = options;
	const { endpoint } = connection;
	const plan = planLoad(options);
	const takesLines = options.framed !== undefined && (await allowsLocalData(connection));
	const loader = new StatementLoader(server, {
		...{ ...options, deferKeys: plan.defersKeys, smallTables: plan.smallTables },
		linesInto: takesLines ? database : undefined,
	});
	const place = { endpoint, database, count: plan.connections };
	const lanes = await LoadLanes.open(connection, server, place, ctx.signal);
	try {
		const loaded = await load(loader, lanes, options, ctx);
		for (const lane of lanes.all) await lane.pin(server);
		const { tally } = loaded.reader;
		await loader.addKeys(lanes, tally.tables, ctx);
		const isPart = options.framed?.isPart === true;
		const dropped = isPart ? await dropOpenForeignKeys(connection, database) : [];
		const { expiredEvents } = loader;
		const verified = await verifyRestore(lanes, { tally, expected, expiredEvents }, ctx);
		await lanes.close();
		await pinRestoreSession(connection, server);
		throwIfAborted(ctx.signal);
		const warnings = [
			...unknownCharacterSet(tally, expected),
			...lanes.warnings,
			...loader.warnings,
			...openKeyWarnings(dropped),
		];
		return { ...loaded, loader, verified, warnings };
	} catch (error) {
		await lanes.stop(toEngineError(error));
		throw error;
	}
}

/** MariaDB allows LOAD DATA LOCAL unless told otherwise, MySQL does not. */
async function allowsLocalData(connection: SqlConnection): Promise<boolean> {
	const { rows } = await connection.rows('SELECT @@local_infile');
	return integer(rows[0]?.[0]) === 1;
}

async function load(
	loader: StatementLoader,
	lanes: LoadLanes,
	{ framed, chunks, expected, requireEnd = true }: DumpToLoad,
	ctx: EngineContext,
): Promise<Loaded> {
	if (framed !== undefined) {
		const timed = expected?.tables.filter(({ history }) => history === true) ?? [];
		const options = { loader, lanes, timed: new Set(timed.map(({ name }) => name)) };
		const frames = new FrameLoader(framed, options, ctx);
		const origin = await frames.load();
		return { reader: frames.reader, origin };
	}
	if (chunks === undefined) throw new EngineError('internal', 'There is no dump to load');
	const reader = new DumpReader({ requireEnd });
	const spreader = new StatementSpreader(loader, lanes);
	for await (const chunk of readChunks(chunks, ctx.signal)) {
		for (const read of reader.push(chunk)) await spreader.load(read);
		ctx.progress.report({ phase: 'load', done: reader.bytes, unit: 'bytes' });
	}
	const ending = reader.end();
	let step = ending.next();
	for (; step.done !== true; step = ending.next()) await spreader.load(step.value);
	await spreader.finish();
	return { reader, origin: step.value };
}
