import { type EngineError, toEngineError } from '../core/index.ts';
import type { ExecResult, ResultRows, Sql, SqlConnection } from './connection.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { KillableSession } from './killable-session.ts';
import { pinRestoreSession } from './restore-session.ts';
import type { ServerInfo } from './server-info.ts';

/** Rows are committed when so much was sent: one write to the server's disk for all of them. */
const COMMIT_BYTES = 8 * 1024 * 1024;

/** One connection that loads. */
export class LoadLane {
	readonly #connection: SqlConnection;
	#halted: EngineError | undefined;
	/** Rows sent since the last commit. */
	#openBytes = 0;

	constructor(connection: SqlConnection) {
		this.#connection = connection;
	}

	/** Runs a statement that is no INSERT. */
	async exec(sql: Sql): Promise<ExecResult> {
		await this.commit();
		return await this.#exec(sql);
	}

	/** Sends rows, as part of a transaction that `commit` ends. */
	async insert(sql: Buffer): Promise<ExecResult> {
		if (this.#openBytes === 0) await this.#exec('START TRANSACTION');
		this.#openBytes += sql.length;
		return await this.#exec(sql, true);
	}

	/**
	 * Sends rows as lines. False: the server did not take all of them exactly as they were sent, and it is
	 * as before.
	 */
	async load(sql: Buffer, lines: Buffer, rows: number): Promise<boolean> {
		if (this.#openBytes === 0) await this.#exec('START TRANSACTION');
		this.#openBytes += lines.length;
		await this.#exec('SAVEPOINT n8n_lines');
		if (this.#halted !== undefined) throw this.#halted;
		const taken = await this.#connection.load(sql, lines).catch((error: unknown) => {
			// INSERT tells what is wrong with the rows, or has nothing against them.
			if (toEngineError(error).code !== 'sql_statement_failed') throw error;
			return undefined;
		});
		const info = `Records: ${rows}  Deleted: 0  Skipped: 0  Warnings: 0`;
		if (taken?.affectedRows === rows && taken.warnings === 0 && taken.info === info) return true;
		await this.#exec('ROLLBACK TO SAVEPOINT n8n_lines');
		return false;
	}

	/** Reads within the session, also within its transaction. */
	async rows(sql: Sql): Promise<ResultRows> {
		return await this.#connection.rows(sql);
	}

	/** For reading, when nothing is loaded any more. */
	get connection(): SqlConnection {
		return this.#connection;
	}

	async commitIfLarge(): Promise<void> {
		if (this.#openBytes >= COMMIT_BYTES) await this.commit();
	}

	/** An open transaction holds its tables: end it before anybody may wait for them. */
	async commit(): Promise<void> {
		if (this.#openBytes === 0) return;
		this.#openBytes = 0;
		await this.#exec('COMMIT');
	}

	async pin(server: ServerInfo): Promise<void> {
		await this.commit();
		await pinRestoreSession(this.#connection, server);
	}

	/** Nothing more is sent: the load has failed elsewhere. */
	halt(error: EngineError): void {
		this.#halted ??= error;
	}

	async #exec(sql: Sql, holdsData = false): Promise<ExecResult> {
		if (this.#halted !== undefined) throw this.#halted;
		return await this.#connection.exec(sql, holdsData);
	}
}

/** The connections of one load. The first one is the caller's; the others are opened and ended here. */
export class LoadLanes {
	readonly primary: LoadLane;
	readonly all: readonly LoadLane[];
	readonly warnings: readonly string[];
	readonly #sessions: readonly KillableSession[];

	private constructor(
		primary: SqlConnection,
		sessions: readonly KillableSession[],
		warnings: readonly string[],
	) {
		this.primary = new LoadLane(primary);
		this.all = [this.primary, ...sessions.map(({ connection }) => new LoadLane(connection))];
		this.warnings = warnings;
		this.#sessions = sessions;
	}

	/**
	 * Opens connections to the database that is filled until there are `count`. A server or account that
	 * allows fewer gets fewer, with a warning.
	 */
	static async open(
		primary: SqlConnection,
		server: ServerInfo,
		place: { readonly endpoint: SqlEndpoint; readonly database: string; readonly count: number },
		signal: AbortSignal,
	): Promise<LoadLanes> {
		const sessions: KillableSession[] = [];
		const warnings: string[] = [];
		try {
			while (sessions.length + 1 < place.count) {
				const session = await KillableSession.open(
					place.endpoint,
					{ database: place.database, localData: true },
					signal,
				);
				sessions.push(session);
				await pinRestoreSession(session.connection, server);
			}
		} catch (error) {
			const { code, message } = toEngineError(error);
			if (code !== 'sql_unreachable') {
				await Promise.all(sessions.map(async (session) => await session.close()));
				throw error;
			}
			warnings.push(
				`Loaded over ${sessions.length + 1} of ${place.count} connections: ${message}.`,
			);
		}
		return new LoadLanes(primary, sessions, warnings);
	}

	/**
	 * Runs `work` on every connection. The first error halts all connections and is thrown at once; a
	 * statement that is still under way is ended by `stop`, or by the owner of the first connection.
	 */
	async together(work: (lane: LoadLane) => Promise<void>): Promise<void> {
		const guarded = async (lane: LoadLane) => {
			try {
				await work(lane);
			} catch (error) {
				this.halt(toEngineError(error));
				throw error;
			}
		};
		await Promise.all(this.all.map(guarded));
	}

	/** As `together`: each connection takes the next one from `queue` until there is none. */
	async drain<T>(
		queue: { shift(): T | undefined },
		work: (lane: LoadLane, item: T) => Promise<void>,
	): Promise<void> {
		await this.together(async (lane) => {
			for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
				await work(lane, item);
			}
		});
	}

	halt(error: EngineError): void {
		for (const lane of this.all) lane.halt(error);
	}

	/** Ends the connections that were opened here. */
	async close(): Promise<void> {
		await Promise.all(this.#sessions.map(async (session) => await session.close()));
	}

	/** The load has failed: the server must not go on with any statement of it. */
	async stop(error: EngineError): Promise<void> {
		this.halt(error);
		await Promise.all(this.#sessions.map(async (session) => await session.stop(error)));
		await this.close();
	}
}
