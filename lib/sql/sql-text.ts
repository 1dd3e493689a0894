import { SpareBuffers } from '../core/index.ts';

/** A frame of a dump, with the statement that ends it; those of a very large table grow to four times as much. */
const FRAME_BUFFERS = { unitBytes: 1280 * 1024, units: 27, unitsAtOnce: 4 };

/** Memory for frames; several texts may share it. */
export function frameBuffers(): SpareBuffers {
	return new SpareBuffers(FRAME_BUFFERS);
}

const FIRST_BYTES = 4096;
const NATIVE_COPY_BYTES = 48;

/** A growing run of bytes of SQL text. */
export class SqlText {
	bytes = Buffer.alloc(0);
	length = 0;
	readonly #spares: SpareBuffers | undefined;

	/** With `spares`, for rows; a text alone needs little memory of its own. */
	constructor(spares?: SpareBuffers) {
		this.#spares = spares;
	}

	/** Makes room for `count` more bytes; writers then put them at `bytes[length++]`. */
	reserve(count: number): void {
		const needed = this.length + count;
		if (needed <= this.bytes.length) return;
		const wanted = Math.max(needed, this.bytes.length * 2, FIRST_BYTES);
		const larger = this.#spares?.take(wanted) ?? Buffer.allocUnsafe(wanted);
		this.bytes.copy(larger, 0, 0, this.length);
		this.#spares?.give(this.bytes);
		this.bytes = larger;
	}

	byte(byte: number): void {
		if (this.length === this.bytes.length) this.reserve(1);
		this.bytes[this.length++] = byte;
	}

	/** ASCII only; for short texts. */
	ascii(text: string): void {
		this.reserve(text.length);
		const { bytes } = this;
		let at = this.length;
		for (let index = 0; index < text.length; index += 1) bytes[at++] = text.charCodeAt(index);
		this.length = at;
	}

	append(source: Buffer, start: number, end: number): void {
		const count = end - start;
		this.reserve(count);
		const { bytes } = this;
		// A call into native code costs more than a few bytes one by one (measured: a third of a dump's CPU).
		if (count > NATIVE_COPY_BYTES) source.copy(bytes, this.length, start, end);
		else {
			let at = this.length;
			for (let index = start; index < end; index += 1) bytes[at++] = source[index] ?? 0;
		}
		this.length += count;
	}

	/** Hands the bytes over and starts anew; `recycle` gives their memory back. */
	take(): { readonly bytes: Buffer; readonly recycle?: () => void } {
		if (this.length * 4 < this.bytes.length) {
			const copied = Buffer.from(this.bytes.subarray(0, this.length));
			this.length = 0;
			return { bytes: copied };
		}
		const whole = this.bytes;
		const bytes = whole.subarray(0, this.length);
		this.bytes = Buffer.alloc(0);
		this.length = 0;
		const spares = this.#spares;
		return spares === undefined ? { bytes } : { bytes, recycle: () => spares.give(whole) };
	}
}
