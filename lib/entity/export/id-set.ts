import type { IdNumbers } from '../import/id-numbers.ts';

const CHUNK_BITS = 16;
const CHUNK_WORDS = 2 ** CHUNK_BITS / 32;
function bitsIn(word: number): number {
	let bits = 0;
	for (let rest = word; rest !== 0; rest &= rest - 1) bits++;
	return bits;
}

/** A set of ids in little memory, outside of the JavaScript heap: a bit for each number, where there are any. */
export class IdSet {
	readonly #chunks = new Map<number, Uint32Array>();
	readonly #numbers: IdNumbers;

	/** Sets that are compared share their numbers. */
	constructor(numbers: IdNumbers) {
		this.#numbers = numbers;
	}

	has(id: string): boolean {
		const number = this.#numbers.find(id);
		if (number === -1) return false;
		const word = this.#chunks.get(number >>> CHUNK_BITS)?.[(number >>> 5) % CHUNK_WORDS] ?? 0;
		return (word & (1 << (number & 31))) !== 0;
	}

	/** Adds it; false when it was there already. */
	add(id: string): boolean {
		const number = this.#numbers.of(id);
		let chunk = this.#chunks.get(number >>> CHUNK_BITS);
		if (chunk === undefined) {
			chunk = new Uint32Array(CHUNK_WORDS);
			this.#chunks.set(number >>> CHUNK_BITS, chunk);
		}
		const at = (number >>> 5) % CHUNK_WORDS;
		const bit = 1 << (number & 31);
		const word = chunk[at] ?? 0;
		chunk[at] = word | bit;
		return (word & bit) === 0;
	}

	/** How many of these are not among `others`. */
	countWithout(others: IdSet): number {
		let count = 0;
		for (const [key, chunk] of this.#chunks) {
			const other = others.#chunks.get(key);
			for (let at = 0; at < CHUNK_WORDS; at++) {
				count += bitsIn((chunk[at] ?? 0) & ~(other?.[at] ?? 0));
			}
		}
		return count;
	}
}
