import { createHash } from 'node:crypto';

import type { ByteChunk } from '../core/index.ts';
import { HashThread, isShared } from './hash-thread.ts';

/** Less is hashed sooner than a thread starts. */
const THREAD_FROM_BYTES = 4 * 1024 * 1024;

/** Counts and hashes the bytes that pass; of many bytes another thread makes the sum. */
export class HashTap {
	#bytes = 0;
	/** Copies of the first bytes, until there are enough for the thread. */
	#held: Uint8Array[] = [];
	#thread: HashThread | undefined;
	#sum = 0;

	async *tap<Chunk extends ByteChunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
		for await (const chunk of chunks) {
			await this.#add(chunk);
			yield chunk;
		}
	}

	get bytes(): number {
		return this.#bytes;
	}

	/** May be called once, after the end. SHA-256 as 64 lower-case hex digits. Throws `worker_crashed`. */
	async result(): Promise<ByteDigest> {
		const bytes = this.#bytes;
		if (this.#thread !== undefined) return { bytes, sha256: await this.#thread.digest(this.#sum) };
		const hash = createHash('sha256');
		for (const held of this.#held) hash.update(held);
		return { bytes, sha256: hash.digest('hex') };
	}

	async #add(chunk: ByteChunk): Promise<void> {
		this.#bytes += chunk.length;
		if (this.#thread === undefined) {
			this.#held.push(new Uint8Array(chunk));
			if (this.#bytes >= THREAD_FROM_BYTES) await this.#start();
		} else if (isShared(chunk)) {
			// A failure is met at the end, by `result`.
			const read = this.#thread.addShared(this.#sum, chunk).catch(() => undefined);
			keepUntil(read, chunk);
			await this.#thread.room();
		} else await this.#thread.addCopy(this.#sum, chunk);
	}

	async #start(): Promise<void> {
		const thread = HashThread.shared();
		this.#thread = thread;
		this.#sum = thread.begin();
		for (const held of this.#held) await thread.addCopy(this.#sum, held);
		this.#held = [];
	}
}

/** Memory that two read is free when both say so. */
function keepUntil(read: Promise<void>, chunk: ByteChunk): void {
	const { recycle } = chunk;
	if (recycle === undefined) return;
	let readers = 2;
	const release = (): void => {
		if (--readers === 0) recycle();
	};
	Object.assign(chunk, { recycle: release });
	void read.then(release);
}

export interface ByteDigest {
	readonly bytes: number;
	readonly sha256: string;
}

/** Reads a stream to its end for its digest. */
export async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<ByteDigest> {
	const tap = new HashTap();
	for await (const chunk of tap.tap(chunks)) void chunk;
	return await tap.result();
}
