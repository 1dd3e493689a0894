import { EngineError, type EngineContext, toEngineError } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { KillableSession } from './killable-session.ts';
import { type Recovery, recoverTarget } from './recover-target.ts';
import { pinRestoreSession } from './restore-session.ts';
import { lockTarget } from './restore-target.ts';
import { type ServerInfo, readServerInfo } from './server-info.ts';

/** A session that owns a target: the target is locked, and earlier runs are finished or taken back. */
export interface TargetSession {
	readonly connection: SqlConnection;
	readonly server: ServerInfo;
	readonly recovery: Recovery;
}

/** Dropping many large tables takes its time; without a limit a dead server would hold the run for ever. */
const UNDO_LIMIT_MS = 5 * 60_000;
/** The server may still be at the last statement of a connection that was lost. */
const LOCK_WAIT_S = 2;
const UNDO_LOCK_WAIT_S = 120;

/**
 * Does `work` with a session that owns the target. When it fails or is cancelled, the session is stopped,
 * and `undo` runs over a new one, where what the journals tell has been taken back already. Content that
 * is `new` by then makes no failure: `whenDone` gets the answer. Rejects with the error of `work`, which
 * tells when undoing failed too.
 */
export async function withTarget<T>(
	place: { readonly endpoint: SqlEndpoint; readonly database: string },
	ctx: EngineContext,
	steps: {
		readonly work: (session: TargetSession) => Promise<T>;
		readonly undo: (session: TargetSession) => Promise<void>;
		readonly whenDone?: (content: Recovery['content']) => T | undefined;
	},
): Promise<T> {
	const { endpoint, database } = place;
	const session = await KillableSession.open(endpoint, { localData: true }, ctx.signal);
	let locked = false;
	const first = {
		seconds: LOCK_WAIT_S,
		wish: 'finish',
		onLocked: () => void (locked = true),
	} as const;
	try {
		return await steps.work(await own(session, database, first));
	} catch (error) {
		const cause = toEngineError(error);
		// First the session, then the content: its statement would go on, and holds locks.
		await session.stop(cause);
		// Without the lock the target may be another run's, and nothing was done yet.
		if (!locked) throw cause;
		const content = await undo(place, steps.undo, cause);
		const done = steps.whenDone?.(content);
		if (done !== undefined) return done;
		throw cause;
	} finally {
		await session.close();
	}
}

async function own(
	{ connection }: KillableSession,
	database: string,
	how: {
		readonly seconds: number;
		readonly wish: 'finish' | 'undo';
		readonly onLocked?: () => void;
	},
): Promise<TargetSession> {
	const server = await readServerInfo(connection);
	await pinRestoreSession(connection, server);
	await lockTarget(connection, database, how.seconds);
	how.onLocked?.();
	const { wish } = how;
	const recovery = await recoverTarget({ connection, server, target: database, wish });
	return { connection, server, recovery };
}

/** Over a new connection; the run's signal may be aborted, so it does not count. */
async function undo(
	{ endpoint, database }: { readonly endpoint: SqlEndpoint; readonly database: string },
	undoMore: (session: TargetSession) => Promise<void>,
	cause: EngineError,
): Promise<Recovery['content']> {
	try {
		const limit = AbortSignal.timeout(UNDO_LIMIT_MS);
		const session = await KillableSession.open(endpoint, undefined, limit);
		try {
			const owned = await own(session, database, { seconds: UNDO_LOCK_WAIT_S, wish: 'undo' });
			await undoMore(owned);
			return owned.recovery.content;
		} finally {
			await session.close();
		}
	} catch (error) {
		const failure = toEngineError(error);
		throw new EngineError(
			cause.code,
			`${cause.message}; and database ${database} could not be put back: ${failure.message}`,
			{
				remedy: `The next restore or roll back of ${database} does it. ${cause.remedy ?? ''}`,
				details: { ...cause.details, undoError: failure.code },
				cause,
			},
		);
	}
}
