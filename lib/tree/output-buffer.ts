/** Output is handed on in pieces of this size: fewer, larger ones cost less on the way. */
const PIECE_BYTES = 2 * 1024 * 1024;

/** Gathers many small pieces of output to few large ones. */
export class OutputBuffer {
	#piece = Buffer.allocUnsafe(PIECE_BYTES);
	#used = 0;
	#bytes = 0;

	/** Bytes that were put in so far. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Pieces that are full; they belong to the caller. */
	*put(bytes: Buffer): Generator<Buffer> {
		this.#bytes += bytes.length;
		for (let done = 0; done < bytes.length;) {
			const count = bytes.copy(this.#piece, this.#used, done);
			this.#used += count;
			done += count;
			if (this.#used === PIECE_BYTES) yield this.rest();
		}
	}

	*zeros(count: number): Generator<Buffer> {
		if (count > 0) yield* this.put(Buffer.alloc(count));
	}

	/** What is gathered so far. */
	rest(): Buffer {
		const piece = this.#piece.subarray(0, this.#used);
		this.#piece = Buffer.allocUnsafe(PIECE_BYTES);
		this.#used = 0;
		return piece;
	}
}
