import type { Readable } from 'node:stream';

/**
 * What only the surroundings (n8n, or a plain Node program) can give. The implementations live on the
 * main thread; a worker sees the same interfaces and every call crosses over (lib/worker). So all
 * arguments and results are plain data or a Readable of bytes.
 */

/** A request over HTTP. Credentials are the implementation's business and never cross. */
export interface HttpRequest {
	readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Path and query below the server's base URL, already percent-encoded, e.g. `Entity/1&2`. */
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as it is; read once. */
	readonly body?: Readable;
	/** Without an answer after this many milliseconds the request fails. Absent: the implementation's own. */
	readonly timeoutMs?: number;
}

export interface HttpResponse {
	readonly status: number;
	/** Lower-case names; several `set-cookie` lines are joined by a line break. */
	readonly headers: Readonly<Record<string, string>>;
	/** Fails when the connection ends before the announced length. */
	readonly body: Readable;
}

export interface HttpPort {
	/**
	 * One exchange; redirects are not followed, any status is an answer and not an error. Rejects with
	 * `http_failed` when there is no answer. May be called concurrently.
	 */
	request(request: HttpRequest): Promise<HttpResponse>;
}

export interface PathPolicyPort {
	/**
	 * Which of these absolute, resolved paths may not be touched, in the same order. Ask in batches: the
	 * check runs on the thread that keeps n8n alive.
	 */
	blocked(paths: readonly string[]): Promise<readonly boolean[]>;
}

/** A file that the surroundings have stored. `id` is opaque. */
export interface StoredBinary {
	readonly id: string;
	readonly bytes: number;
}

export interface BinaryStorePort {
	/** Opens an input; each call reads it from its start. Rejects with `binary_missing`. */
	read(id: string): Promise<Readable>;
	/** Stores the stream to its end. A stream that fails stores nothing and rejects with its error. */
	write(content: Readable, file: { fileName: string; mimeType: string }): Promise<StoredBinary>;
}

export interface Ports {
	readonly http: HttpPort;
	readonly paths: PathPolicyPort;
	readonly binary: BinaryStorePort;
}
