export interface SpareBuffersOptions {
	/** What is usually needed. */
	readonly bufferBytes: number;
	/** More are not kept, and no more are shared: a slow reader has the others anyhow. */
	readonly spareMax: number;
}

/**
 * Memory that output is written into, again and again: a new buffer for each piece would make the
 * collector look through the whole heap every ten pieces (measured: a tenth of a dump's time). Shared, so
 * that another thread can make checksums of it without a copy.
 */
export class SpareBuffers {
	readonly #options: SpareBuffersOptions;
	#spare: Buffer[] = [];
	#isKept = true;
	#shared = 0;

	constructor(options: SpareBuffersOptions) {
		this.#options = options;
	}

	/** Room for at least `bytes`. */
	take(bytes: number): Buffer {
		const { bufferBytes } = this.#options;
		if (bytes > bufferBytes) return Buffer.allocUnsafe(bytes);
		return this.#spare.pop() ?? this.#new(bufferBytes);
	}

	/** Shared memory that is not given back is not collected soon, so there is a bounded amount of it. */
	#new(bytes: number): Buffer {
		if (this.#shared === this.#options.spareMax) return Buffer.allocUnsafe(bytes);
		this.#shared++;
		return Buffer.from(new SharedArrayBuffer(bytes));
	}

	/** Takes back what nobody reads any more. */
	give(buffer: Buffer): void {
		const { bufferBytes, spareMax } = this.#options;
		if (!this.#isKept || buffer.length !== bufferBytes) return;
		if (this.#spare.length < spareMax) this.#spare.push(buffer);
	}

	/** Nothing more is written: what is spare is let go. */
	release(): void {
		this.#isKept = false;
		this.#spare = [];
	}
}
