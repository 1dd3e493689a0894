import { type ByteChunk, SpareBuffers, recyclable } from '../core/index.ts';

/** Output is handed on in pieces of this size: fewer, larger ones cost less on the way. */
const PIECE_BYTES = 2 * 1024 * 1024;
/** As many pieces as are compressed, hashed and written at a time. */
const SPARE_PIECES = 12;
const NOTHING = Buffer.alloc(0);

/** Gathers many small pieces of output to few large ones. */
export class OutputBuffer {
	readonly #spares = new SpareBuffers({ unitBytes: PIECE_BYTES, units: SPARE_PIECES });
	#piece = this.#spares.take(PIECE_BYTES);
	#used = 0;
	#bytes = 0;

	/** Bytes that were put in so far. */
	get bytes(): number {
		return this.#bytes;
	}

	/** What still goes into the piece at hand. */
	get room(): number {
		return PIECE_BYTES - this.#used;
	}

	/** Pieces that are full; they belong to the caller. */
	*put(bytes: Uint8Array): Generator<ByteChunk> {
		for (let done = 0; done < bytes.length;) {
			if (this.room === 0) yield this.rest();
			const part = bytes.subarray(done, done + this.room);
			this.#piece.set(part, this.#used);
			this.#add(part.length);
			done += part.length;
		}
	}

	*zeros(count: number): Generator<ByteChunk> {
		for (let left = count; left > 0;) {
			if (this.room === 0) yield this.rest();
			const part = Math.min(left, this.room);
			this.#piece.fill(0, this.#used, this.#used + part);
			this.#add(part);
			left -= part;
		}
	}

	/**
	 * Lets `fill` make the next `count` bytes, no more than `room`, in the place where they belong, and
	 * returns what it does. If that is `undefined`, nothing was put.
	 */
	make<Made>(
		count: number,
		fill: (buffer: Buffer, at: number) => Made | undefined,
	): Made | undefined {
		const made = fill(this.#piece, this.#used);
		if (made !== undefined) this.#add(count);
		return made;
	}

	/** What is gathered so far. */
	rest(): ByteChunk {
		const whole = this.#piece;
		const piece = whole.subarray(0, this.#used);
		this.#piece = this.#spares.take(PIECE_BYTES);
		this.#used = 0;
		return recyclable(piece, () => this.#spares.give(whole));
	}

	/** The last piece, if nothing follows it. */
	end(): ByteChunk {
		const piece = this.#piece.subarray(0, this.#used);
		this.#spares.release();
		this.#piece = NOTHING;
		this.#used = 0;
		return piece;
	}

	#add(count: number): void {
		this.#used += count;
		this.#bytes += count;
	}
}
