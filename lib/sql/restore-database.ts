import { EngineError, type EngineContext, throwIfAborted, toEngineError } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { readParts } from './database-programs.ts';
import { createForLoad, discardKept, freeKeptName } from './databases.ts';
import { stagingName } from './derived-databases.ts';
import type { DumpDefiners } from './dump-content.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { type DumpToLoad, type FilledDatabase, fillDatabase } from './fill-database.ts';
import { quoteIdentifier } from './identifiers.ts';
import { demandConnections } from './load-plan.ts';
import { refuseOtherSessions } from './other-sessions.ts';
import { type Claim, claimTarget, releaseTarget, undoTarget } from './restore-in-place.ts';
import { type JournalState, createJournal } from './restore-journal.ts';
import type { RestoreReport } from './restore-report.ts';
import { type RestoreTarget, demandUsable, inspectTarget } from './restore-target.ts';
import { readSchemaVersion } from './schema-version.ts';
import { type StagingRights, readStagingRights } from './staging-rights.ts';
import { swap, withOriginalEvents } from './swap.ts';
import { refuseForeignReferences } from './swap-plan.ts';
import { type TargetSession, withTarget } from './target-session.ts';

export interface RestoreOptions extends DumpToLoad {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** Whether a missing database may be created. Default true. */
	readonly createMissing?: boolean;
	/** Whether a database that is not empty may be replaced; its content is kept. Default false. */
	readonly replace?: boolean;
	/** Whom views, routines, triggers and events belong to. Default: as in the dump. */
	readonly definer?: DumpDefiners;
	/** False: the old content is dropped after a staged restore. Default true. */
	readonly keepOld?: boolean;
	/** Whether sessions that use the database are no reason to refuse. Default false. */
	readonly allowOtherSessions?: boolean;
	/**
	 * Dumps the target and tells where to. Called before its content is replaced in place, which happens
	 * only when the account has rights on that database alone; without it such a restore is refused.
	 */
	readonly safetyDump?: () => Promise<string>;
}

const UNMARKED =
	'Nothing in the dump says where it ends: whether it is whole could not be verified.';

/** What one restore has come to know, also for its undoing. */
interface Progress {
	target: RestoreTarget | undefined;
	readonly claim: Claim;
	/** Made by this restore; it counts once the target was emptied. */
	safetyDump: string | undefined;
	report: RestoreReport | undefined;
	/** The target has the new content for good. */
	done: boolean;
}

/**
 * Restores a dump: loads it into a database beside the target, verifies it there, and swaps it in; the
 * old content is kept as `<target>_before_<time>`. An account with rights on the target only loads into
 * the target itself. When it fails or is cancelled, the target is as it was; what a killed run leaves is
 * finished or taken back by the next one. When content was replaced in place, a failure leaves the target
 * empty, and the error says so: its `details.safetyDump` is where the old content lies. Rejects with `sql_database_not_empty`, `sql_database_missing`,
 * `sql_database_in_use`, `artifact_truncated`, `artifact_corrupt`, `sql_object_unsupported`,
 * `sql_statement_failed`, `sql_privilege_missing`, `sql_setting_required`, `sql_verify_failed`,
 * `sql_restore_unfinished`, `cancelled`, the errors of connecting, or the source's own error.
 */
export async function restoreDatabase(
	options: RestoreOptions,
	ctx: EngineContext,
): Promise<RestoreReport> {
	throwIfAborted(ctx.signal);
	demandConnections(options.connections);
	ctx.progress.report({ phase: 'prepare', done: 0, unit: 'entries' });
	const progress: Progress = {
		...{ target: undefined, claim: { made: false, emptied: false, loaded: false } },
		...{ safetyDump: undefined, report: undefined, done: false },
	};
	try {
		return await withTarget(options, ctx, {
			work: async (session) => await restore(session, options, progress, ctx),
			undo: async ({ connection }) => {
				const { target, claim } = progress;
				if (target === undefined) return;
				const outcome = await undoTarget(connection, target, claim);
				progress.done ||= outcome === 'complete';
			},
			whenDone: (content) => (content === 'new' || progress.done ? progress.report : undefined),
		});
	} catch (error) {
		const { target, claim } = progress;
		const lies = target?.safetyDump ?? (claim.emptied ? progress.safetyDump : undefined);
		if (lies === undefined) throw error;
		throw contentGone(toEngineError(error), options.database, lies);
	}
}

/** The remedy of the cause speaks of a target that is as it was; this one is not. */
function contentGone(cause: EngineError, database: string, safetyDump: string): EngineError {
	return new EngineError(
		cause.code,
		`${cause.message}; and database ${database} is empty, its old content is in the dump ${safetyDump}`,
		{
			remedy: `Restore ${safetyDump} into ${database} when the cause is gone. ${cause.remedy ?? ''}`,
			details: { ...cause.details, safetyDump },
			cause,
		},
	);
}

async function restore(
	session: TargetSession,
	options: RestoreOptions,
	progress: Progress,
	ctx: EngineContext,
): Promise<RestoreReport> {
	const { connection, server } = session;
	const { database, createMissing = true, replace = false } = options;
	const target = await inspectTarget(connection, database);
	progress.target = target;
	demandUsable(target, { createMissing, replace });
	if (target.defaults !== undefined) await refuseOtherSessions(connection, server, options);
	const rights = await readStagingRights(connection, server, database);
	return rights.enough
		? await restoreStaged(session, options, progress, ctx)
		: await restoreInPlace(session, { ...options, rights }, progress, ctx);
}

async function restoreStaged(
	session: TargetSession,
	options: RestoreOptions,
	progress: Progress,
	ctx: EngineContext,
): Promise<RestoreReport> {
	const { connection, server } = session;
	const { database, expected, definer, keepOld = true } = options;
	const target = progress.target ?? (await inspectTarget(connection, database));
	if (target.defaults !== undefined) await refuseForeignReferences(connection, database);
	const staging = stagingName(database);
	const startedAt = new Date();
	const state: JournalState = {
		...{ version: 1, role: 'staging', target: database, phase: 'loading', events: {} },
		startedAt: startedAt.toISOString(),
	};
	await createForLoad(connection, staging, expected?.database);
	await createJournal(connection, staging, state);
	await connection.exec(`USE ${quoteIdentifier(staging)}`);
	const loading = { defaultsKnown: expected !== undefined, mayChangeDefaults: true };
	const filled = await fillDatabase(
		connection,
		server,
		{ ...dumpOf(options), ...loading, definer, database: staging, disableEvents: true },
		ctx,
	);
	const fresh = withOriginalEvents(await readParts(connection, server), filled.loader.events);
	const kept = target.objects > 0 ? await freeKeptName(connection, database) : null;
	const old = await oldParts(session, target, fresh);
	const plan = { target: database, source: staging, sourceRole: 'staging', kept } as const;
	const targetExisted = target.defaults !== undefined;
	if (targetExisted) await refuseOtherSessions(connection, server, options);
	const how = { method: 'staged', keptDatabase: kept } as const;
	progress.report = reportOf(session, target, filled, how);
	await swap(
		{
			...{ connection, server, plan: { ...plan, targetExisted, old, fresh } },
			onDone: () => void (progress.done = true),
		},
		state,
	);
	if (kept === null || keepOld) return await finish(connection, progress.report);
	progress.report = { ...progress.report, keptDatabase: null };
	await discardKept(connection, kept);
	return await finish(connection, progress.report);
}

/** Of a target that does not exist, what it would be if it were empty. */
async function oldParts(
	{ connection, server }: TargetSession,
	{ database, defaults, clearedUnfinished }: RestoreTarget,
	fresh: Awaited<ReturnType<typeof readParts>>,
): Promise<Awaited<ReturnType<typeof readParts>>> {
	if (defaults === undefined) {
		return { ...fresh, tables: [], programs: [], sequenceDefaults: [] };
	}
	if (clearedUnfinished) await releaseTarget(connection, database);
	await connection.exec(`USE ${quoteIdentifier(database)}`);
	return await readParts(connection, server);
}

async function restoreInPlace(
	session: TargetSession,
	options: RestoreOptions & { readonly rights: StagingRights },
	progress: Progress,
	ctx: EngineContext,
): Promise<RestoreReport> {
	const { connection, server } = session;
	const { database, expected, definer, safetyDump, rights } = options;
	const target = progress.target ?? (await inspectTarget(connection, database));
	if (target.objects > 0) {
		if (safetyDump === undefined) throw notStaged(database, rights);
		progress.safetyDump = await safetyDump();
		throwIfAborted(ctx.signal);
	}
	const claiming = { defaults: expected?.database, safetyDump: progress.safetyDump };
	await claimTarget(connection, target, claiming, progress.claim);
	const mayChangeDefaults = target.defaults === undefined;
	const filled = await fillDatabase(
		connection,
		server,
		{
			...{ ...dumpOf(options), definer, database, mayChangeDefaults },
			...{ defaultsKnown: expected !== undefined, disableEvents: false },
		},
		ctx,
	);
	const how = { method: 'inPlace', keptDatabase: null } as const;
	const report = reportOf(session, target, filled, how);
	progress.report = {
		...report,
		warnings: [
			...report.warnings,
			`It was loaded into ${database} itself, because the account has rights on that database only. To load beside it and keep the old content, an administrator runs: ${rights.grant}`,
		],
	};
	progress.claim.loaded = true;
	await releaseTarget(connection, database);
	progress.done = true;
	return await finish(connection, progress.report);
}

/** What is to be loaded. */
export function dumpOf(options: DumpToLoad): DumpToLoad {
	const { chunks, framed, expected, requireEnd, size, connections } = options;
	return { chunks, framed, expected, requireEnd, size, connections };
}

function notStaged(database: string, { grant }: StagingRights): EngineError {
	return new EngineError(
		'sql_privilege_missing',
		`The account may not make databases beside ${database}, so its content cannot be kept there`,
		{
			remedy: `An administrator of the database server runs: ${grant} Or name a folder for a safety dump, and the content is replaced in place.`,
			details: { database, grant },
		},
	);
}

function reportOf(
	{ recovery }: TargetSession,
	target: RestoreTarget,
	{ reader, loader, verified, origin, warnings }: FilledDatabase,
	how: Pick<RestoreReport, 'method' | 'keptDatabase'>,
): RestoreReport {
	const { tally } = reader;
	const { safetyDump } = target;
	return {
		...how,
		database: target.database,
		recovered: [
			...recovery.said,
			...(safetyDump === undefined
				? []
				: [
						`A restore in place had been interrupted; the dump of its old content is ${safetyDump}.`,
					]),
		],
		createdDatabase: target.defaults === undefined,
		clearedUnfinished: target.clearedUnfinished,
		tables: verified.tables,
		verifiedBy: verified.verifiedBy,
		rows: verified.tables.reduce((sum, { rows }) => sum + rows, 0),
		views: tally.views.size,
		routines: tally.routines,
		triggers: tally.triggers.size,
		events: tally.events.size - loader.expiredEvents,
		sequences: tally.sequences.size,
		statements: tally.statements,
		bytes: reader.bytes,
		schemaVersion: null,
		warnings: [...(origin === 'unmarked' ? [UNMARKED] : []), ...warnings, ...verified.warnings],
	};
}

async function finish(connection: SqlConnection, report: RestoreReport): Promise<RestoreReport> {
	await connection.exec(`USE ${quoteIdentifier(report.database)}`);
	const { version, warnings } = await readSchemaVersion(connection, report.database);
	return { ...report, schemaVersion: version, warnings: [...report.warnings, ...warnings] };
}
