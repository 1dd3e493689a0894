import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { type EngineError, cancelledError, throwIfAborted } from '../core/index.ts';
import { optionalText } from './cells.ts';
import { type ConnectionChoice, SqlConnection } from './connection.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { quoteText } from './identifiers.ts';

/** From the order to kill until the session is gone; then it is left to the server's own time limits. */
const KILL_WAIT_MS = 10_000;
const KILL_POLL_MS = 20;

/**
 * A connection whose work on the server can be stopped: when the signal is aborted, or by `stop`, a
 * second connection kills it. Cutting the network alone is not enough, the server would go on with the
 * statement and keep its locks. The session holds a named lock of its own, so the killer can prove that
 * the id still means this session (after a restart or behind a proxy it may be another's).
 */
export class KillableSession {
	readonly connection: SqlConnection;
	readonly #lockName: string;
	readonly #signal: AbortSignal;
	readonly #onAbort: () => void;
	#stopping: Promise<void> | undefined;

	private constructor(connection: SqlConnection, lockName: string, signal: AbortSignal) {
		this.connection = connection;
		this.#lockName = lockName;
		this.#signal = signal;
		this.#onAbort = () => void this.stop(cancelledError(signal));
		signal.addEventListener('abort', this.#onAbort, { once: true });
	}

	/** Rejects as `SqlConnection.open` does. */
	static async open(
		endpoint: SqlEndpoint,
		choice: string | ConnectionChoice | undefined,
		signal: AbortSignal,
	): Promise<KillableSession> {
		throwIfAborted(signal);
		const connection = await SqlConnection.open(endpoint, choice, signal);
		const lockName = `n8n-caosdb-${randomUUID()}`;
		const session = new KillableSession(connection, lockName, signal);
		try {
			throwIfAborted(signal);
			await connection.exec(`DO GET_LOCK(${quoteText(lockName)}, 0)`);
			return session;
		} catch (error) {
			await session.close();
			throw error;
		}
	}

	/** Rejects all that is pending with `error` and kills the session; resolves when it is gone. */
	async stop(error: EngineError): Promise<void> {
		if (this.#stopping === undefined) {
			const { threadId, usable } = this.connection;
			this.connection.breakWith(error);
			// The outcome of a kill changes nothing for the caller: the connection is cut in any case.
			this.#stopping = usable ? this.#kill(threadId).catch(() => undefined) : Promise.resolve();
		}
		await this.#stopping;
	}

	/** Ends the session; waits for a kill that is under way. */
	async close(): Promise<void> {
		this.#signal.removeEventListener('abort', this.#onAbort);
		if (this.#stopping === undefined) await this.connection.close();
		else await this.#stopping;
	}

	async #kill(threadId: number): Promise<void> {
		const limit = AbortSignal.timeout(KILL_WAIT_MS);
		const killer = await SqlConnection.open(this.connection.endpoint, undefined, limit);
		try {
			const holder = async () => {
				const { rows } = await killer.rows(`SELECT IS_USED_LOCK(${quoteText(this.#lockName)})`);
				return optionalText(rows[0]?.[0]);
			};
			if ((await holder()) !== String(threadId)) return;
			await killer.exec(`KILL CONNECTION ${threadId}`).catch(() => undefined);
			while (!limit.aborted && (await holder()) === String(threadId)) await sleep(KILL_POLL_MS);
		} finally {
			await killer.close();
		}
	}
}
