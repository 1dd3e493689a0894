/**
 * The content checksum of a table: a 64-bit hash of each row, summed modulo 2^64 over all rows. A sum
 * does not depend on the order of the rows, and (other than an exclusive or) counts duplicates.
 *
 * A row's bytes are the row packet of the text protocol for the dump's own SELECT of the table: each
 * value as its length and its bytes, NULL as 0xfb. They are read as 32-bit little-endian words, the last
 * one filled up with zeros. Part of the format of a backup set: it must never change.
 */
export interface TableChecksum {
	readonly rows: number;
	/** 16 lower-case hex digits. */
	readonly checksum: string;
}

const SEED_LOW = 0x9e3779b9;
const SEED_HIGH = 0x7f4a7c15;
const PRIME_LOW = 0x9e3779b1;
const PRIME_HIGH = 0x85ebca77;
const WORD_RANGE = 0x1_0000_0000;
const PATTERN = /^[0-9a-f]{16}$/;

/** Spreads every bit of a word over all of it. */
function avalanche(word: number): number {
	let mixed = word;
	mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return mixed ^ (mixed >>> 16);
}

/** Adds up rows; sums of parts of a table can be added in any order. */
export class RowChecksum {
	rows = 0;
	#sumLow = 0;
	#sumHigh = 0;
	/** State of a row that comes in pieces. */
	#low = SEED_LOW;
	#high = SEED_HIGH;
	#bytes = 0;
	#word = 0;

	/** A whole row packet: `source[start, end)`. */
	row(source: Uint8Array, start: number, end: number): void {
		let low = SEED_LOW;
		let high = SEED_HIGH;
		let at = start;
		for (const last = end - 4; at <= last; at += 4) {
			const word =
				(source[at] ?? 0) |
				((source[at + 1] ?? 0) << 8) |
				((source[at + 2] ?? 0) << 16) |
				((source[at + 3] ?? 0) << 24);
			low = Math.imul(low ^ word, PRIME_LOW);
			low = (low << 13) | (low >>> 19);
			high = Math.imul(high ^ word, PRIME_HIGH);
			high = (high << 17) | (high >>> 15);
		}
		if (at < end) {
			let word = 0;
			for (let shift = 0; at < end; at += 1, shift += 8) word |= (source[at] ?? 0) << shift;
			low = Math.imul(low ^ word, PRIME_LOW);
			low = (low << 13) | (low >>> 19);
			high = Math.imul(high ^ word, PRIME_HIGH);
			high = (high << 17) | (high >>> 15);
		}
		this.#addRow(low, high, end - start);
	}

	/** A part of a row packet, cut anywhere. */
	piece(source: Uint8Array, start: number, end: number): void {
		for (let at = start; at < end; at += 1) {
			const shift = (this.#bytes & 3) << 3;
			this.#word |= (source[at] ?? 0) << shift;
			this.#bytes += 1;
			if (shift === 24) this.#takeWord();
		}
	}

	/** After the last piece of a row. */
	endRow(): void {
		if ((this.#bytes & 3) !== 0) this.#takeWord();
		this.#addRow(this.#low, this.#high, this.#bytes);
		this.#low = SEED_LOW;
		this.#high = SEED_HIGH;
		this.#bytes = 0;
	}

	clear(): void {
		this.rows = 0;
		this.#sumLow = 0;
		this.#sumHigh = 0;
	}

	add(other: RowChecksum): void {
		this.rows += other.rows;
		this.#addSum(other.#sumLow, other.#sumHigh);
	}

	/** 16 lower-case hex digits. */
	hex(): string {
		const word = (value: number) => value.toString(16).padStart(8, '0');
		return word(this.#sumHigh) + word(this.#sumLow);
	}

	result(): TableChecksum {
		return { rows: this.rows, checksum: this.hex() };
	}

	#takeWord(): void {
		const low = Math.imul(this.#low ^ this.#word, PRIME_LOW);
		this.#low = (low << 13) | (low >>> 19);
		const high = Math.imul(this.#high ^ this.#word, PRIME_HIGH);
		this.#high = (high << 17) | (high >>> 15);
		this.#word = 0;
	}

	#addRow(low: number, high: number, bytes: number): void {
		const one = avalanche(low ^ bytes);
		const two = avalanche(high + one);
		this.rows += 1;
		this.#addSum((one + two) >>> 0, two >>> 0);
	}

	#addSum(low: number, high: number): void {
		let sum = this.#sumLow + low;
		let carry = 0;
		if (sum >= WORD_RANGE) {
			sum -= WORD_RANGE;
			carry = 1;
		}
		this.#sumLow = sum;
		this.#sumHigh = (this.#sumHigh + high + carry) % WORD_RANGE;
	}
}

/** The sum of two checksums, each 16 hex digits as `hex()` gives them. */
export function addChecksums(a: string, b: string): string {
	if (!PATTERN.test(a) || !PATTERN.test(b)) throw new RangeError('not a checksum');
	const sum = BigInt.asUintN(64, BigInt(`0x${a}`) + BigInt(`0x${b}`));
	return sum.toString(16).padStart(16, '0');
}
