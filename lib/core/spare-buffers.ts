export interface SpareBuffersOptions {
	/** What is usually needed. */
	readonly bufferBytes: number;
	/** More are not kept: a slow reader has the others anyhow. */
	readonly spareMax: number;
}

/**
 * Memory that output is written into, again and again: a new buffer for each piece would make the
 * collector look through the whole heap every ten pieces (measured: a tenth of a dump's time). Shared, so
 * that another thread can make checksums of it without a copy.
 */
export class SpareBuffers {
	readonly #options: SpareBuffersOptions;
	readonly #spare: Buffer[] = [];

	constructor(options: SpareBuffersOptions) {
		this.#options = options;
	}

	/** Room for at least `bytes`. */
	take(bytes: number): Buffer {
		const { bufferBytes } = this.#options;
		if (bytes > bufferBytes) return Buffer.allocUnsafe(bytes);
		return this.#spare.pop() ?? Buffer.from(new SharedArrayBuffer(bufferBytes));
	}

	/** Takes back what nobody reads any more. */
	give(buffer: Buffer): void {
		const { bufferBytes, spareMax } = this.#options;
		if (buffer.length === bufferBytes && this.#spare.length < spareMax) this.#spare.push(buffer);
	}
}
