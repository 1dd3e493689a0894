import { Worker } from 'node:worker_threads';

import {
	type EngineError,
	checksumThreadEnded,
	threadFile,
	throwIfAborted,
} from '../core/index.ts';
import type { HashAnswer, HashTask } from './sha512-worker.ts';

/*
 * SHA-512 costs as much as all the rest of an archive, so another thread makes it. Contents are copied
 * into a few slabs of shared memory, which go to and fro.
 */

const SLAB_BYTES = 1024 * 1024;
const SLABS = 6;
/** Of many tiny files no more wait than this, with what is to be written about each. */
const STEPS_MAX = 8192;
/** Takes some 40 ms, in which nobody hears a cancel. */
const ZEROS_MAX = 16 * 1024 * 1024;
const DIGEST_BYTES = 64;
const WORKER = threadFile(import.meta.dirname, import.meta.filename, 'sha512-worker');
const THREAD_MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };

/** Makes the SHA-512 of one file after the other. */
export class ContentHasher {
	readonly #signal: AbortSignal;
	readonly #onDigest: (digest: Buffer) => void;
	readonly #slabs: Buffer[] = [];
	readonly #free: number[] = [];
	#worker: Worker | undefined;
	#current: number | undefined;
	#used = 0;
	#steps: number[] = [];
	#underWay = 0;
	#failure: EngineError | undefined;
	#wake: (() => void) | undefined;

	/** `onDigest` gets the digests in the order of the files. Every wait ends with `signal`. */
	constructor(signal: AbortSignal, onDigest: (digest: Buffer) => void) {
		this.#signal = signal;
		this.#onDigest = onDigest;
	}

	/** Takes a copy of the next bytes of the file. Wait for the promise, if there is one, before the next call. */
	add(bytes: Uint8Array): Promise<void> | undefined {
		for (let at = 0; at < bytes.length;) {
			const slab = this.#slab();
			if (slab === undefined) return this.#addLater(bytes.subarray(at));
			const count = Math.min(bytes.length - at, SLAB_BYTES - this.#used);
			slab.set(bytes.subarray(at, at + count), this.#used);
			this.#used += count;
			at += count;
			this.#steps.push(count);
			if (this.#used === SLAB_BYTES) this.#send();
		}
		return undefined;
	}

	/** So many zeros come next in the file. */
	async zeros(count: number): Promise<void> {
		for (let left = count; left > 0; left -= ZEROS_MAX) {
			await this.#step(-Math.min(left, ZEROS_MAX));
			this.#send();
		}
	}

	/** The file has ended. Wait as for `add`. */
	endFile(): Promise<void> | undefined {
		if (this.#slab() === undefined) return this.#step(0);
		this.#push(0);
		return undefined;
	}

	/** Resolves when every digest was handed on. Throws `worker_crashed`, `cancelled`. */
	async finish(): Promise<void> {
		if (this.#steps.length > 0) this.#send();
		while (this.#underWay > 0) await this.#answer();
	}

	/** Ends the thread, whatever it does. */
	close(): void {
		void this.#worker?.terminate();
		this.#worker = undefined;
	}

	async #addLater(bytes: Uint8Array): Promise<void> {
		await this.#answer();
		await this.add(bytes);
	}

	async #step(step: number): Promise<void> {
		while (this.#slab() === undefined) await this.#answer();
		this.#push(step);
	}

	#push(step: number): void {
		this.#steps.push(step);
		if (this.#steps.length >= STEPS_MAX) this.#send();
	}

	/** The slab that is being filled; `undefined` while all are with the thread. */
	#slab(): Buffer | undefined {
		this.#start();
		this.#current ??= this.#free.pop();
		return this.#current === undefined ? undefined : this.#slabs[this.#current];
	}

	#send(): void {
		if (this.#current === undefined) return;
		const task: HashTask = { slab: this.#current, steps: this.#steps };
		this.#worker?.postMessage(task);
		this.#underWay++;
		this.#current = undefined;
		this.#used = 0;
		this.#steps = [];
	}

	#start(): void {
		if (this.#worker !== undefined) return;
		const memory = Array.from({ length: SLABS }, () => new SharedArrayBuffer(SLAB_BYTES));
		for (const [index, slab] of memory.entries()) {
			this.#slabs.push(Buffer.from(slab));
			this.#free.push(index);
		}
		const worker = new Worker(WORKER, { workerData: memory, resourceLimits: THREAD_MEMORY });
		// A job that has ended in any way must not be kept alive by it.
		worker.unref();
		worker.on('message', (answer: HashAnswer) => this.#take(answer));
		worker.on('error', (error: unknown) => this.#fail(error));
		worker.on('exit', () => this.#fail(undefined));
		this.#worker = worker;
	}

	#take({ slab, digests }: HashAnswer): void {
		this.#free.push(slab);
		this.#underWay--;
		const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
		for (let at = 0; at < bytes.length; at += DIGEST_BYTES) {
			this.#onDigest(bytes.subarray(at, at + DIGEST_BYTES));
		}
		this.#wake?.();
	}

	#fail(cause: unknown): void {
		this.#failure ??= checksumThreadEnded(cause);
		this.#wake?.();
	}

	/** Waits for the thread to give something back. An unreferenced thread must be waited for all the same. */
	async #answer(): Promise<void> {
		if (this.#failure !== undefined) throw this.#failure;
		this.#worker?.ref();
		await new Promise<void>((resolve) => (this.#wake = resolve));
		this.#wake = undefined;
		this.#worker?.unref();
		if (this.#failure !== undefined) throw this.#failure;
		throwIfAborted(this.#signal);
	}
}
