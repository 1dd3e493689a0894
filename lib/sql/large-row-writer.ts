import type { DumpOutput } from './dump-output.ts';
import { LARGE_CELL_BYTES, type LiteralWriter, type PieceWriter, pieceWriter } from './literals.ts';

const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const NULL_MARKER = 0xfb;
/** Bytes of the length that follow the first byte, if that is 0xfc, 0xfd or 0xfe. */
const LENGTH_BYTES = [2, 3, 8];
const FIRST_WITH_LENGTH = 0xfc;

/** Writes one row whose packet comes in pieces: only its small values are ever held. */
export class LargeRowWriter {
	readonly #out: DumpOutput;
	readonly #writers: readonly LiteralWriter[];
	#column = 0;
	/** The length of the value at hand, as far as it has come. */
	#prefix: number[] = [];
	#left = 0;
	/** A small value that is collected. */
	#held: Buffer[] | undefined;
	#pieces: PieceWriter | undefined;

	constructor(out: DumpOutput, writers: readonly LiteralWriter[]) {
		this.#out = out;
		this.#writers = writers;
		out.text.byte(OPEN);
	}

	/** Returns the bytes that are gone from the text, handed on to the reader of the dump. */
	piece(source: Buffer, start: number, end: number): number {
		let at = start;
		while (at < end) {
			if (this.#left === 0) {
				this.#lengthByte(source[at] ?? 0);
				at += 1;
				continue;
			}
			const next = Math.min(at + this.#left, end);
			this.#left -= next - at;
			this.#value(source, at, next);
			at = next;
		}
		return this.#out.handOn();
	}

	end(): void {
		this.#out.text.byte(CLOSE);
	}

	#lengthByte(byte: number): void {
		const { text } = this.#out;
		const prefix = this.#prefix;
		if (prefix.length === 0 && this.#column > 0) text.byte(COMMA);
		prefix.push(byte);
		const [first = 0] = prefix;
		if (first === NULL_MARKER) {
			text.ascii('NULL');
			this.#next();
			return;
		}
		const more = first < FIRST_WITH_LENGTH ? 0 : (LENGTH_BYTES[first - FIRST_WITH_LENGTH] ?? 0);
		if (prefix.length <= more) return;
		const length =
			more === 0 ? first : prefix.slice(1).reduceRight((value, digit) => value * 256 + digit, 0);
		this.#begin(length);
	}

	#begin(length: number): void {
		this.#left = length;
		const write = this.#write();
		if (length >= LARGE_CELL_BYTES) {
			this.#pieces = pieceWriter(write);
			this.#out.text.ascii(this.#pieces.before);
		} else if (length === 0) {
			write(this.#out.text, Buffer.alloc(0), 0, 0);
			this.#next();
		} else this.#held = [];
	}

	#value(source: Buffer, start: number, end: number): void {
		const { text } = this.#out;
		if (this.#pieces !== undefined) {
			this.#pieces.piece(text, source, start, end);
			if (this.#left > 0) return;
			text.ascii(this.#pieces.after);
		} else {
			this.#held?.push(Buffer.from(source.subarray(start, end)));
			if (this.#left > 0) return;
			const whole = Buffer.concat(this.#held ?? []);
			this.#write()(text, whole, 0, whole.length);
		}
		this.#next();
	}

	#write(): LiteralWriter {
		const write = this.#writers[this.#column];
		if (write === undefined) throw new RangeError('more values than columns');
		return write;
	}

	#next(): void {
		this.#column += 1;
		this.#prefix = [];
		this.#held = undefined;
		this.#pieces = undefined;
	}
}
