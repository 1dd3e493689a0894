import { EngineError } from '../core/index.ts';
import { pinDumpSession } from './dump-session.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { KillableSession } from './killable-session.ts';
import { type ServerInfo, readServerInfo } from './server-info.ts';

/** All sessions of one dump; whatever happens, none of them outlives it. */
export class DumpSessions {
	readonly #endpoint: SqlEndpoint;
	readonly #database: string;
	readonly #signal: AbortSignal;
	readonly #server: ServerInfo;
	#lanes: KillableSession[];
	#gate: KillableSession | undefined;
	#locker: KillableSession | undefined;
	#holder: KillableSession | undefined;

	private constructor(
		target: { readonly endpoint: SqlEndpoint; readonly database: string },
		signal: AbortSignal,
		server: ServerInfo,
		first: KillableSession,
	) {
		this.#endpoint = target.endpoint;
		this.#database = target.database;
		this.#signal = signal;
		this.#server = server;
		this.#lanes = [first];
	}

	/** Opens the first session. Rejects as `KillableSession.open`, and with `sql_server_unsupported`. */
	static async open(
		target: { readonly endpoint: SqlEndpoint; readonly database: string },
		signal: AbortSignal,
	): Promise<DumpSessions> {
		const first = await KillableSession.open(target.endpoint, target.database, signal);
		try {
			const server = await readServerInfo(first.connection);
			await pinDumpSession(first.connection, server);
			return new DumpSessions(target, signal, server, first);
		} catch (error) {
			await first.close();
			throw error;
		}
	}

	get server(): ServerInfo {
		return this.#server;
	}

	/** Those that read rows under the snapshot. */
	get lanes(): readonly KillableSession[] {
		return this.#lanes;
	}

	/** Plans, holds the definitions, and reads rows as the others do. */
	get first(): KillableSession {
		const [first] = this.#lanes;
		if (first === undefined) throw new EngineError('internal', 'The dump has no session');
		return first;
	}

	/** Holds the tables that know no transactions, and reads them. */
	get locker(): KillableSession | undefined {
		return this.#locker;
	}

	async addLanes(count: number): Promise<void> {
		for (let added = 0; added < count; added += 1) this.#lanes.push(await this.#open());
	}

	async keepFirstLane(): Promise<void> {
		const others = this.#lanes.splice(1);
		await Promise.all(others.map(async (session) => await session.close()));
	}

	async openGate(): Promise<KillableSession> {
		this.#gate = await this.#open();
		return this.#gate;
	}

	/** Ends the locks with their session. */
	async closeGate(): Promise<void> {
		const gate = this.#gate;
		this.#gate = undefined;
		await gate?.close();
	}

	async openLocker(): Promise<KillableSession> {
		this.#locker = await this.#open();
		return this.#locker;
	}

	async closeLocker(): Promise<void> {
		const locker = this.#locker;
		this.#locker = undefined;
		await locker?.close();
	}

	/** Holds definitions where no lane can. */
	async openHolder(): Promise<KillableSession> {
		this.#holder = await this.#open();
		return this.#holder;
	}

	async close(): Promise<void> {
		await Promise.all(this.#all().map(async (session) => await session.close()));
	}

	/** Left early: the server must not go on with any statement. Resolves when the sessions are gone. */
	async stop(error: EngineError): Promise<void> {
		await Promise.all(
			this.#all().map(async (session) => {
				await session.stop(error);
				await session.close();
			}),
		);
	}

	#all(): KillableSession[] {
		return [...this.#lanes, this.#gate, this.#locker, this.#holder].filter(
			(session) => session !== undefined,
		);
	}

	async #open(): Promise<KillableSession> {
		const session = await KillableSession.open(this.#endpoint, this.#database, this.#signal);
		try {
			await pinDumpSession(session.connection, this.#server);
			return session;
		} catch (error) {
			await session.close();
			throw error;
		}
	}
}
