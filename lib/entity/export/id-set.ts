import { StringTable } from '../import/string-table.ts';

const CHUNK_BITS = 16;
const CHUNK_WORDS = 2 ** CHUNK_BITS / 32;
/** Numbers of nine digits at most are told from other texts without doubt, and their doubles fit 32 bits. */
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,8})$/;

function bitsIn(word: number): number {
	let bits = 0;
	for (let rest = word; rest !== 0; rest &= rest - 1) bits++;
	return bits;
}

/** A number for each id: ids that are numbers have even ones, others odd ones, in the order of their coming. */
export class IdNumbers {
	readonly #texts = new StringTable();

	of(id: string): number {
		return PLAIN_NUMBER.test(id) ? Number(id) * 2 : this.#texts.add(id) * 2 + 1;
	}

	/** The number of an id that has come before, else -1. */
	find(id: string): number {
		if (PLAIN_NUMBER.test(id)) return Number(id) * 2;
		const text = this.#texts.find(id);
		return text < 0 ? -1 : text * 2 + 1;
	}

	id(number: number): string {
		return number % 2 === 0 ? String(number / 2) : this.#texts.text((number - 1) / 2);
	}
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
		if (number < 0) return false;
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
