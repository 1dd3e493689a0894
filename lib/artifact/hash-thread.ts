import { Worker } from 'node:worker_threads';

import { type EngineError, SpareBuffers, checksumThreadEnded, threadFile } from '../core/index.ts';
import type { HashReply, HashRequest } from './sha256-worker.ts';

/** What may wait to be hashed before whoever brings more waits. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
const COPY_BYTES = 256 * 1024;
/** More than ever wait. */
const SPARE_COPIES = 24;
const WORKER = threadFile(import.meta.dirname, import.meta.filename, 'sha256-worker');
const THREAD_MEMORY = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

interface Asked {
	readonly bytes: number;
	readonly resolve: (reply: HashReply) => void;
	readonly reject: (error: EngineError) => void;
}

export function isShared({ buffer }: Uint8Array): boolean {
	return buffer instanceof SharedArrayBuffer;
}

/** A thread that makes any number of SHA-256 sums side by side, so that they cost no time of this one. */
export class HashThread {
	static #shared: HashThread | undefined;
	readonly #worker: Worker;
	readonly #asked = new Map<number, Asked>();
	readonly #copies = new SpareBuffers({ unitBytes: COPY_BYTES, units: SPARE_COPIES });
	#waitingBytes = 0;
	#tickets = 0;
	#sums = 0;
	#failure: EngineError | undefined;
	#wake: (() => void)[] = [];

	/** `file`: what the thread runs. */
	constructor(file = WORKER) {
		this.#worker = new Worker(file, { resourceLimits: THREAD_MEMORY });
		this.#worker.on('message', (reply: HashReply) => this.#answered(reply));
		this.#worker.on('error', (error: unknown) => this.#end(error));
		this.#worker.on('exit', () => this.#end());
		// Only an unanswered question keeps the process alive.
		this.#worker.unref();
	}

	/** The one of this thread: started when it is first needed, and kept. */
	static shared(): HashThread {
		this.#shared ??= new HashThread();
		return this.#shared;
	}

	/** Begins a sum and returns its number. */
	begin(): number {
		return this.#sums++;
	}

	/** Adds shared memory; resolves when it was read. Throws `worker_crashed`. */
	async addShared(sum: number, bytes: Uint8Array): Promise<void> {
		await this.#ask({ sum, bytes }, bytes.length);
	}

	/** Adds a copy; resolves when it is made, piece by piece as there is room. Await it before the next call. */
	async addCopy(sum: number, bytes: Uint8Array): Promise<void> {
		for (let at = 0; at < bytes.length; at += COPY_BYTES) {
			await this.room();
			// A failure is met by whoever ends the sum.
			this.#addPiece(sum, bytes.subarray(at, at + COPY_BYTES)).catch(() => undefined);
		}
	}

	/** Resolves when more may be added: now, in most cases. */
	async room(): Promise<void> {
		while (this.#waitingBytes > WAITING_BYTES_MAX && this.#failure === undefined) {
			await new Promise<void>((resolve) => this.#wake.push(resolve));
		}
	}

	/** Ends a sum: 64 lower-case hex digits. Throws `worker_crashed`. */
	async digest(sum: number): Promise<string> {
		const { sha256 } = await this.#ask({ sum }, 0);
		if (sha256 === undefined) throw checksumThreadEnded();
		return sha256;
	}

	async #addPiece(sum: number, bytes: Uint8Array): Promise<void> {
		const copy = this.#copies.take(COPY_BYTES);
		copy.set(bytes);
		await this.#ask({ sum, bytes: copy.subarray(0, bytes.length) }, bytes.length);
		this.#copies.give(copy);
	}

	async #ask(request: Omit<HashRequest, 'ticket'>, bytes: number): Promise<HashReply> {
		if (this.#failure !== undefined) throw this.#failure;
		const ticket = this.#tickets++;
		this.#worker.postMessage({ ...request, ticket });
		this.#waitingBytes += bytes;
		this.#worker.ref();
		return await new Promise((resolve, reject) => {
			this.#asked.set(ticket, { bytes, resolve, reject });
		});
	}

	#answered(reply: HashReply): void {
		const asked = this.#asked.get(reply.ticket);
		this.#asked.delete(reply.ticket);
		if (this.#asked.size === 0) this.#worker.unref();
		this.#waitingBytes -= asked?.bytes ?? 0;
		asked?.resolve(reply);
		this.#wakeAll();
	}

	#end(cause?: unknown): void {
		this.#failure ??= checksumThreadEnded(cause);
		if (HashThread.#shared === this) HashThread.#shared = undefined;
		for (const { reject } of this.#asked.values()) reject(this.#failure);
		this.#asked.clear();
		this.#wakeAll();
	}

	#wakeAll(): void {
		const waiting = this.#wake;
		this.#wake = [];
		for (const wake of waiting) wake();
	}
}
