import { EngineError, type EngineContext, throwIfAborted } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { type DatabaseParts, readParts } from './database-programs.ts';
import { databaseExists, databasesWithPrefix, freeKeptName } from './databases.ts';
import { keptPrefix } from './derived-databases.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { quoteIdentifier } from './identifiers.ts';
import { refuseOtherSessions } from './other-sessions.ts';
import { releaseTarget } from './restore-in-place.ts';
import { type JournalState, readState } from './restore-journal.ts';
import { inspectTarget } from './restore-target.ts';
import { readSchemaVersion } from './schema-version.ts';
import { swap, withOriginalEvents } from './swap.ts';
import { refuseForeignReferences } from './swap-plan.ts';
import { tableStamp } from './table-stamp.ts';
import { type TargetSession, withTarget } from './target-session.ts';

export interface RollBackOptions {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** The kept database to go back to; absent: the newest. */
	readonly keptDatabase?: string;
	/** Whether sessions that use the database are no reason to refuse. Default false. */
	readonly allowOtherSessions?: boolean;
}

/** What a roll back did. Plain data. */
export interface RollBackReport {
	readonly database: string;
	/** The kept database whose content stands in the database now; it is gone itself. */
	readonly from: string;
	/** The content that the roll back replaced; `null` when there was none. */
	readonly keptDatabase: string | null;
	readonly tables: number;
	readonly routines: number;
	readonly schemaVersion: string | null;
	/** An earlier run had brought the named content back: nothing was to be done. */
	readonly wasDone: boolean;
	/** Sentences about interrupted runs that were finished or taken back first. */
	readonly recovered: readonly string[];
	readonly warnings: readonly string[];
}

/**
 * Brings the content back that a restore has kept, the same way that the restore came in; what it replaces
 * is kept in its turn. A roll back that was interrupted is finished, and is the one that was asked for; one
 * to a named database is done once, however often it is asked for. When it fails or is cancelled, nothing has changed. Rejects with
 * `sql_database_missing` when nothing was kept, and as `restoreDatabase` does.
 */
export async function rollBackDatabase(
	options: RollBackOptions,
	ctx: EngineContext,
): Promise<RollBackReport> {
	throwIfAborted(ctx.signal);
	ctx.progress.report({ phase: 'prepare', done: 0, unit: 'entries' });
	const progress: { report: RollBackReport | undefined; done: boolean } = {
		...{ report: undefined, done: false },
	};
	return await withTarget(options, ctx, {
		work: async (session) => await rollBack(session, options, progress),
		undo: async () => undefined,
		whenDone: (content) => (content === 'new' || progress.done ? progress.report : undefined),
	});
}

async function rollBack(
	session: TargetSession,
	options: RollBackOptions,
	progress: { report: RollBackReport | undefined; done: boolean },
): Promise<RollBackReport> {
	const { connection, server, recovery } = session;
	const { database } = options;
	const finished = await finishedBefore(session, options);
	if (finished !== undefined) {
		progress.report = finished;
		progress.done = true;
		return await withSchemaVersion(connection, finished);
	}
	const { from, state } = await findKept(connection, options);
	const target = await inspectTarget(connection, database);
	if (target.defaults !== undefined) {
		await refuseOtherSessions(connection, server, options);
		await refuseForeignReferences(connection, database);
	}
	await connection.exec(`USE ${quoteIdentifier(from)}`);
	const fresh = withOriginalEvents(await readParts(connection, server), state.events);
	const startedAt = new Date();
	const kept = target.objects > 0 ? await freeKeptName(connection, database) : null;
	let old = { ...fresh, tables: [], programs: [], sequenceDefaults: [] } as typeof fresh;
	if (target.defaults !== undefined) {
		if (target.clearedUnfinished) await releaseTarget(connection, database);
		await connection.exec(`USE ${quoteIdentifier(database)}`);
		old = await readParts(connection, server);
	}
	progress.report = {
		...{ database, from, keptDatabase: kept, ...counts(fresh) },
		...{ schemaVersion: null, wasDone: false, recovered: recovery.said, warnings: [] },
	};
	const plan = { target: database, source: from, sourceRole: 'kept', kept, old, fresh } as const;
	const targetExisted = target.defaults !== undefined;
	await swap(
		{
			...{ connection, server, plan: { ...plan, targetExisted } },
			onDone: () => void (progress.done = true),
		},
		{ ...state, startedAt: startedAt.toISOString() },
	);
	return await withSchemaVersion(connection, progress.report);
}

function counts({ tables, programs }: DatabaseParts): Pick<RollBackReport, 'tables' | 'routines'> {
	const routines = programs.filter(({ kind }) => kind === 'FUNCTION' || kind === 'PROCEDURE');
	return { tables: tables.length, routines: routines.length };
}

async function withSchemaVersion(
	connection: SqlConnection,
	report: RollBackReport,
): Promise<RollBackReport> {
	await connection.exec(`USE ${quoteIdentifier(report.database)}`);
	const { version, warnings } = await readSchemaVersion(connection, report.database);
	return { ...report, schemaVersion: version, warnings };
}

/** What an earlier run has done of this wish: it was interrupted, or its answer was lost. */
async function finishedBefore(
	{ connection, server, recovery }: TargetSession,
	{ database, keptDatabase }: RollBackOptions,
): Promise<RollBackReport | undefined> {
	const plain = { database, schemaVersion: null, recovered: recovery.said, warnings: [] };
	const ended = recovery.rollBack;
	if (ended !== undefined && (keptDatabase ?? ended.source) === ended.source) {
		const { source: from, kept, fresh } = ended;
		return { ...plain, from, keptDatabase: kept, ...counts(fresh), wasDone: false };
	}
	const wanted = keptDatabase ?? recovery.emptied;
	if (wanted === undefined || (await databaseExists(connection, wanted))) return undefined;
	// What came later has kept something later, or has made the tables anew.
	const kept = (await databasesWithPrefix(connection, keptPrefix(database))).at(-1) ?? '';
	const { target, phase, replacedBy } = (await readState(connection, kept)) ?? {};
	if (phase !== 'kept' || target !== database) return undefined;
	if (replacedBy?.database !== wanted) return undefined;
	if (replacedBy.stamp !== (await tableStamp(connection, database))) return undefined;
	await connection.exec(`USE ${quoteIdentifier(database)}`);
	const parts = await readParts(connection, server);
	const wasDone = keptDatabase !== undefined;
	return { ...plain, from: wanted, keptDatabase: kept, ...counts(parts), wasDone };
}

async function findKept(
	connection: SqlConnection,
	{ database, keptDatabase }: RollBackOptions,
): Promise<{ readonly from: string; readonly state: JournalState }> {
	const newestFirst = [...(await databasesWithPrefix(connection, keptPrefix(database)))].reverse();
	for (const from of newestFirst) {
		if (keptDatabase !== undefined && from !== keptDatabase) continue;
		const state = await readState(connection, from);
		if (state?.phase === 'kept' && state.target === database) return { from, state };
	}
	throw new EngineError(
		'sql_database_missing',
		keptDatabase === undefined
			? `No earlier content of database ${database} is kept`
			: `${keptDatabase} is no kept content of database ${database}`,
		{
			remedy:
				'A restore keeps the old content beside the database unless told otherwise. Restore a backup instead.',
			details: { database },
		},
	);
}
