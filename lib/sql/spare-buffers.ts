/** What a frame of a dump usually needs. */
const BUFFER_BYTES = 1280 * 1024;
/** More are not kept: a slow reader has the others anyhow. */
const MAX_SPARE = 32;

/**
 * Memory that the frames of a dump are written into, again and again: a new buffer for each frame would
 * make the collector look through the whole heap every ten frames (measured: a tenth of a dump's time).
 */
export class SpareBuffers {
	readonly #spare: Buffer[] = [];

	/** Room for at least `bytes`. */
	take(bytes: number): Buffer {
		if (bytes > BUFFER_BYTES) return Buffer.allocUnsafe(bytes);
		return this.#spare.pop() ?? Buffer.allocUnsafe(BUFFER_BYTES);
	}

	/** Takes back what nobody reads any more. */
	give(buffer: Buffer): void {
		if (buffer.length === BUFFER_BYTES && this.#spare.length < MAX_SPARE) this.#spare.push(buffer);
	}
}
