import { connect, isIP } from 'node:net';
import { type Duplex, Readable } from 'node:stream';

import {
	type Connection,
	type ConnectionOptions,
	type Query,
	type SslOptions,
	createConnection,
} from 'mysql2';

import { EngineError, waitOrAbort } from '../core/index.ts';
import { DEFAULT_PORT, type SqlEndpoint, type SqlTls } from './endpoint.ts';
import { type ErrorScene, sqlError } from './server-errors.ts';
import { type RowReceiver, RowWire } from './row-wire.ts';
import { openTunnel } from './tunnel.ts';

/** One value as the server sent it; `null` is SQL NULL. */
export type Cell = Buffer | null;

export interface ResultRows {
	/** Column names; reliable only where they are ASCII. */
	readonly names: readonly string[];
	readonly rows: ReadonlyArray<readonly Cell[]>;
}

export interface ExecResult {
	readonly affectedRows: number;
	readonly warnings: number;
}

export interface ConnectionChoice {
	readonly database?: string | undefined;
	/** Whether the server may ask for the rows of a LOAD DATA LOCAL. Default false: it could ask at any time. */
	readonly localData?: boolean;
}

/** A statement as text (sent as UTF-8) or as the exact bytes. */
export type Sql = string | Buffer;

/** The answer to LOAD DATA. */
export interface LoadResult extends ExecResult {
	/** `Records: 1  Deleted: 0  Skipped: 0  Warnings: 0`. */
	readonly info: string;
}

const DDL_EXCERPT_BYTES = 200;
/** Rows for LOAD DATA go in packets of this size: no server takes less. */
const LOAD_PACKET_BYTES = 128 * 1024;
/** A polite QUIT is not answered; the server closes. Longer than this it hangs. */
const CLOSE_WAIT_MS = 2_000;
/** Silence after which the other machine is asked whether it is still there; it has ten seconds to answer. */
const KEEP_ALIVE_MS = 15_000;

/**
 * One connection to a server, with every wait guarded: whatever ends the connection (the server, the
 * network, `breakWith`) rejects all that is pending. Statements and results are bytes: mysql2 is told
 * latin1, which maps each byte to itself, and its session tracking is switched off (it would change the
 * encoding after a SET NAMES: seen as wrong data without an error).
 */
export class SqlConnection {
	readonly endpoint: SqlEndpoint;
	readonly database: string | undefined;
	readonly #socket: Duplex;
	readonly #mysql: Connection;
	readonly #wire: RowWire;
	readonly #pending = new Set<(error: EngineError) => void>();
	#broken: EngineError | undefined;
	#closing = false;

	private constructor(
		endpoint: SqlEndpoint,
		{ database, localData = false }: ConnectionChoice,
		tunnel: Duplex | undefined,
	) {
		this.endpoint = endpoint;
		this.database = database;
		this.#socket = tunnel ?? openSocket(endpoint, (chunk) => this.#wire.take(chunk));
		nameForTls(this.#socket, endpoint);
		this.#mysql = createConnection(driverOptions(endpoint, { database, localData }, this.#socket));
		this.#wire = new RowWire(this.#mysql);
		this.#mysql.on('error', (error: unknown) => this.breakWith(sqlError(error, this.#scene())));
		this.#socket.on('error', (error: unknown) => this.breakWith(sqlError(error, this.#scene())));
		this.#socket.on('close', () => {
			// The driver learns of it in the same turn and may know the reason: let it speak first.
			setImmediate(() => this.breakWith(this.#lost()));
		});
	}

	/**
	 * Rejects with `sql_unreachable`, `sql_access_denied`, `sql_database_missing`, `sql_tls_failed`,
	 * `cancelled`, and those of `openTunnel`.
	 */
	static async open(
		endpoint: SqlEndpoint,
		choice: string | ConnectionChoice | undefined,
		signal: AbortSignal,
	): Promise<SqlConnection> {
		const { tunnel } = endpoint;
		const opened = tunnel === undefined ? undefined : await openTunnel(endpoint, tunnel, signal);
		const connection = new SqlConnection(
			endpoint,
			typeof choice === 'object' ? choice : { database: choice },
			opened,
		);
		const timer = setTimeout(() => {
			const timeout = Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' });
			connection.breakWith(sqlError(timeout, connection.#scene()));
		}, endpoint.connectTimeoutMs);
		try {
			const ready = connection.#run<undefined>((resolve, reject) =>
				connection.#mysql.connect((error) =>
					error === null || error === undefined
						? resolve(undefined)
						: reject(sqlError(error, connection.#scene())),
				),
			);
			await waitOrAbort(ready, signal);
			await waitOrAbort(connection.exec("SET session_track_system_variables=''"), signal);
			return connection;
		} catch (error) {
			connection.breakWith(sqlError(error, connection.#scene()));
			throw error;
		} finally {
			clearTimeout(timer);
		}
	}

	get threadId(): number {
		return this.#mysql.threadId;
	}

	/** Runs a statement without a result set. */
	async exec(sql: Sql, holdsData = false): Promise<ExecResult> {
		return await this.#run<ExecResult>((resolve, reject) =>
			this.#query(sql, (error, result) => {
				if (error) reject(sqlError(error, this.#scene(sql, holdsData)));
				else resolve(parseExecResult(result));
			}),
		);
	}

	/** Runs a LOAD DATA LOCAL whose file is `content`, whatever name the server asks for. */
	async load(sql: Buffer, content: Buffer): Promise<LoadResult> {
		return await this.#run<LoadResult>((resolve, reject) =>
			this.#query(
				sql,
				(error, result) => {
					if (error) reject(sqlError(error, this.#scene(sql, true)));
					else resolve(parseLoadResult(result));
				},
				content,
			),
		);
	}

	/** Runs a statement and keeps its rows: for metadata, not for tables. */
	async rows(sql: Sql): Promise<ResultRows> {
		return await this.#run<ResultRows>((resolve, reject) =>
			this.#query(sql, (error, result, fields) => {
				if (error) reject(sqlError(error, this.#scene(sql)));
				else resolve({ names: (fields ?? []).map(({ name }) => name), rows: parseRows(result) });
			}),
		);
	}

	/**
	 * Hands each row to `receiver` and resolves after the server's end-of-rows packet. Throws `internal`
	 * while another statement runs on this connection.
	 */
	async stream(sql: Sql, receiver: RowReceiver): Promise<void> {
		if (this.#pending.size > 0) throw new EngineError('internal', 'The connection is in use');
		try {
			await this.#run<undefined>((resolve, reject) => {
				const query = this.#query(sql, (error) => {
					if (error) reject(sqlError(error, this.#scene(sql)));
					else resolve(undefined);
				});
				this.#wire.tap(query, receiver);
			});
		} finally {
			this.#wire.untap();
		}
	}

	/** Stops reading; the server blocks once the network's buffers are full (net_write_timeout). */
	pause(): void {
		this.#wire.pause();
	}

	resume(): void {
		this.#wire.resume();
	}

	/** Ends the connection at once; everything pending, and every later call, rejects with `error`. */
	breakWith(error: EngineError): void {
		if (this.#broken !== undefined) return;
		this.#broken = error;
		this.#socket.destroy();
		for (const fail of [...this.#pending]) fail(error);
	}

	/** Says goodbye and waits a bounded time; with a statement still running the connection is cut. */
	async close(): Promise<void> {
		this.#closing = true;
		// A socket that is gone has told its end already: nobody would hear it again.
		const isOpen = this.#broken === undefined && !this.#socket.destroyed;
		if (isOpen && this.#pending.size === 0) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, CLOSE_WAIT_MS);
				this.#socket.once('close', () => {
					clearTimeout(timer);
					resolve();
				});
				this.#mysql.end(() => undefined);
			});
		}
		this.breakWith(this.#lost());
	}

	get usable(): boolean {
		return this.#broken === undefined && !this.#closing;
	}

	#lost(): EngineError {
		const lost = Object.assign(new Error('closed'), { code: 'PROTOCOL_CONNECTION_LOST' });
		return sqlError(lost, this.#scene());
	}

	#scene(sql?: Sql, holdsData = false): ErrorScene {
		const ddl =
			sql === undefined || holdsData
				? undefined
				: Buffer.from(sql).subarray(0, DDL_EXCERPT_BYTES).toString('utf8');
		return { endpoint: this.endpoint, database: this.database, ddl, mayQuoteServer: !holdsData };
	}

	#query(
		sql: Sql,
		done: (error: Error | null, result: unknown, fields?: ReadonlyArray<{ name: string }>) => void,
		content?: Buffer,
	): Query {
		const bytes = typeof sql === 'string' ? Buffer.from(sql, 'utf8') : sql;
		// Without `infileStreamFactory` the driver answers a server that asks for a file with nothing.
		const file =
			content === undefined
				? {}
				: { infileStreamFactory: () => Readable.from(packetsOf(content), { objectMode: false }) };
		const options = { sql: bytes.toString('latin1'), rowsAsArray: true, typeCast: false, ...file };
		return this.#mysql.query(options, done);
	}

	async #run<T>(
		start: (resolve: (value: T) => void, reject: (error: EngineError) => void) => void,
	): Promise<T> {
		if (this.#broken !== undefined) throw this.#broken;
		return await new Promise<T>((resolve, reject) => {
			const fail = (error: EngineError) => {
				this.#pending.delete(fail);
				reject(this.#broken ?? error);
			};
			this.#pending.add(fail);
			start((value) => {
				this.#pending.delete(fail);
				resolve(value);
			}, fail);
		});
	}
}

/**
 * The driver tells TLS no name when the host is an address, and Node.js then compares the certificate
 * with `localhost`: it would accept a wrong server, and refuse the right one. This is where Node.js
 * looks next.
 */
function nameForTls(socket: Duplex, { host, tls }: SqlEndpoint): void {
	if (tls !== undefined && host !== undefined && isIP(host) > 0) {
		Object.assign(socket, { _host: host });
	}
}

/** Bytes per read from the network: one buffer for all reads of a connection, nothing to collect. */
const READ_BYTES = 256 * 1024;

function openSocket(endpoint: SqlEndpoint, onBytes: (chunk: Buffer) => void): Duplex {
	const onread = {
		buffer: Buffer.allocUnsafeSlow(READ_BYTES),
		callback: (bytes: number, buffer: Uint8Array) => {
			onBytes(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
			return true;
		},
	};
	// Encrypted bytes are for the driver, which puts its decryption between.
	const reading = endpoint.tls === undefined ? { onread } : {};
	if (endpoint.socketPath !== undefined) return connect({ path: endpoint.socketPath, ...reading });
	const { port = DEFAULT_PORT, host = 'localhost' } = endpoint;
	return connect({ port, host, ...reading })
		.setNoDelay(true)
		.setKeepAlive(true, KEEP_ALIVE_MS);
}

function driverOptions(
	endpoint: SqlEndpoint,
	{ database, localData = false }: ConnectionChoice,
	socket: Duplex,
): ConnectionOptions {
	return {
		stream: () => socket,
		host: endpoint.host ?? 'localhost',
		user: endpoint.user,
		password: endpoint.password,
		charset: 'LATIN1_SWEDISH_CI',
		// Our own timer covers the whole way to a usable session.
		connectTimeout: 0,
		flags: [localData ? 'LOCAL_FILES' : '-LOCAL_FILES', '-FOUND_ROWS', '-MULTI_STATEMENTS'],
		// Without it the driver searches every statement for placeholders.
		queryFormat: (sql: string) => sql,
		...(database === undefined ? {} : { database }),
		...(endpoint.socketPath === undefined ? {} : { socketPath: endpoint.socketPath }),
		...(endpoint.tls === undefined ? {} : { ssl: tlsOptions(endpoint.tls) }),
	};
}

function tlsOptions(tls: SqlTls): SslOptions {
	const { verify, ...material } = tls;
	return { ...material, rejectUnauthorized: verify, verifyIdentity: verify };
}

function parseExecResult(result: unknown): ExecResult {
	const { affectedRows, warningStatus } = (result ?? {}) as Record<string, unknown>;
	return { affectedRows: Number(affectedRows ?? 0), warnings: Number(warningStatus ?? 0) };
}

function parseLoadResult(result: unknown): LoadResult {
	const { info } = (result ?? {}) as Record<string, unknown>;
	return { ...parseExecResult(result), info: String(info ?? '') };
}

function* packetsOf(content: Buffer): Generator<Buffer> {
	for (let at = 0; at < content.length; at += LOAD_PACKET_BYTES) {
		yield content.subarray(at, at + LOAD_PACKET_BYTES);
	}
}

function parseRows(result: unknown): ReadonlyArray<readonly Cell[]> {
	return Array.isArray(result) ? (result as Cell[][]) : [];
}
