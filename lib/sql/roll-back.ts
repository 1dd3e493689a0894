import { EngineError, type EngineContext, throwIfAborted } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { readParts } from './database-programs.ts';
import { databasesWithPrefix, freeKeptName } from './databases.ts';
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
	/** Sentences about interrupted runs that were finished or taken back first. */
	readonly recovered: readonly string[];
	readonly warnings: readonly string[];
}

/**
 * Brings the content back that a restore has kept, the same way that the restore came in; what it replaces
 * is kept in its turn. When it fails or is cancelled, nothing has changed. Rejects with
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
	const routines = fresh.programs.filter(({ kind }) => kind === 'FUNCTION' || kind === 'PROCEDURE');
	progress.report = {
		...{ database, from, keptDatabase: kept, tables: fresh.tables.length },
		...{ routines: routines.length, schemaVersion: null, recovered: recovery.said, warnings: [] },
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
	await connection.exec(`USE ${quoteIdentifier(database)}`);
	const { version, warnings } = await readSchemaVersion(connection, database);
	return { ...progress.report, schemaVersion: version, warnings };
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
