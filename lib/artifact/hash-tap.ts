import { createHash } from 'node:crypto';

/** Counts and hashes the bytes that pass. `result()` is meant for after the end. */
export class HashTap {
	#bytes = 0;
	readonly #hash = createHash('sha256');

	async *tap<Chunk extends Uint8Array>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
		for await (const chunk of chunks) {
			this.#hash.update(chunk);
			this.#bytes += chunk.length;
			yield chunk;
		}
	}

	get bytes(): number {
		return this.#bytes;
	}

	/** May be called once. SHA-256 as 64 lower-case hex digits. */
	result(): ByteDigest {
		return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
	}
}

export interface ByteDigest {
	readonly bytes: number;
	readonly sha256: string;
}

/** Reads a stream to its end for its digest. */
export async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<ByteDigest> {
	const tap = new HashTap();
	for await (const chunk of tap.tap(chunks)) void chunk;
	return tap.result();
}
