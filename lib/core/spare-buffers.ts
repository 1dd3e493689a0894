export interface SpareBuffersOptions {
	/** What is usually needed, in bytes. */
	readonly unitBytes: number;
	/** Units there are: what a slow reader needs beyond them is other memory. */
	readonly units: number;
	/** More than so many units at once are other memory, too; default 1. */
	readonly unitsAtOnce?: number;
}

/**
 * Memory that output is written into, again and again: a new buffer for each piece would make the
 * collector look through the whole heap every ten pieces (measured: a tenth of a dump's time), and what it
 * has not collected yet is tens of MB. Shared, so that another thread can make checksums of it without a
 * copy; in one block, of which only what was used takes memory, and which leaves no holes behind.
 */
export class SpareBuffers {
	readonly #unitBytes: number;
	readonly #unitsAtOnce: number;
	readonly #isUsed: boolean[];
	#block: SharedArrayBuffer | undefined;
	#isReleased = false;

	constructor({ unitBytes, units, unitsAtOnce = 1 }: SpareBuffersOptions) {
		this.#unitBytes = unitBytes;
		this.#unitsAtOnce = unitsAtOnce;
		this.#isUsed = Array.from({ length: units }, () => false);
	}

	/** Room for at least `bytes`. */
	take(bytes: number): Buffer {
		const units = Math.ceil(bytes / this.#unitBytes);
		if (units === 0 || units > this.#unitsAtOnce) return Buffer.allocUnsafe(bytes);
		const first = this.#isReleased ? -1 : this.#freeUnits(units);
		if (first < 0) return Buffer.allocUnsafe(units * this.#unitBytes);
		this.#isUsed.fill(true, first, first + units);
		this.#block ??= new SharedArrayBuffer(this.#isUsed.length * this.#unitBytes);
		return Buffer.from(this.#block, first * this.#unitBytes, units * this.#unitBytes);
	}

	/** Takes back what nobody reads any more: what `take` has returned. */
	give(buffer: Buffer): void {
		if (buffer.buffer !== this.#block) return;
		const first = buffer.byteOffset / this.#unitBytes;
		this.#isUsed.fill(false, first, first + buffer.length / this.#unitBytes);
	}

	/** Nothing more is written. */
	release(): void {
		this.#isReleased = true;
		this.#block = undefined;
	}

	/** The first of so many free units that stand together, or -1. */
	#freeUnits(count: number): number {
		let found = 0;
		for (const [unit, isUsed] of this.#isUsed.entries()) {
			found = isUsed ? 0 : found + 1;
			if (found === count) return unit - count + 1;
		}
		return -1;
	}
}
