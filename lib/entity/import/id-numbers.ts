import { StringTable } from './string-table.ts';

/** Numbers of nine digits at most, with or without the sign of a temporary id, fit 31 bits. */
const DIGITS_MAX = 9;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = '-';
const FIRST_NEGATIVE = 2 ** 30;
const FIRST_TEXT = -(2 ** 31);
/** Neighbours share what columns keep of them, see `NumberColumn`. */
const NEIGHBOUR_BITS = 12;
/** Neighbourhoods that ids far apart may take, and one more for so many ids. */
const LONELY_MAX = 64;
const IDS_PER_NEIGHBOURHOOD = 1024;

/** The digits from `start` on as a number, or -1 when they could be written in another way. */
function plainNumber(text: string, start: number): number {
	const { length } = text;
	const first = text.charCodeAt(start);
	if (length === start || length - start > DIGITS_MAX) return -1;
	if (first === ZERO) return length === 1 ? 0 : -1;
	let number = 0;
	for (let at = start; at < length; at++) {
		const digit = text.charCodeAt(at);
		if (digit < ZERO || digit > NINE) return -1;
		number = number * 10 + digit - ZERO;
	}
	return number;
}

/**
 * A number of 32 bits, never -1, for each id: a server's ids are numbers close to each other, so columns can be
 * indexed by them. Other ids, and those that are scattered to fill the memory, are numbered as they come.
 */
export class IdNumbers {
	readonly #texts = new StringTable();
	readonly #neighbourhoods = new Set<number>();
	#plain = 0;
	/** Whether some that are numbers were numbered as texts. */
	#areScattered = false;

	/** The number of the id, a new one when it has none. */
	of(id: string): number {
		const number = this.#plainNumber(id);
		if (number === undefined) return FIRST_TEXT + this.#texts.add(id);
		const neighbourhood = number >> NEIGHBOUR_BITS;
		this.#plain++;
		if (!this.#neighbourhoods.has(neighbourhood)) {
			const room = LONELY_MAX + this.#plain / IDS_PER_NEIGHBOURHOOD;
			if (this.#neighbourhoods.size >= room) {
				this.#areScattered = true;
				return FIRST_TEXT + this.#texts.add(id);
			}
			this.#neighbourhoods.add(neighbourhood);
		}
		return number;
	}

	/** The number of an id that may have come before: without doubt it has not when it is -1. */
	find(id: string): number {
		const number = this.#plainNumber(id);
		if (number !== undefined) return number;
		const text = this.#texts.find(id);
		return text < 0 ? -1 : FIRST_TEXT + text;
	}

	id(number: number): string {
		if (number < 0) return this.#texts.text(number - FIRST_TEXT);
		return number < FIRST_NEGATIVE ? String(number) : `${MINUS}${number - FIRST_NEGATIVE}`;
	}

	/** How many ids that are no numbers came before this one, which is none; -1 for one that is a number. */
	textsBefore(id: string): number {
		const number = this.of(id);
		return number < 0 ? number - FIRST_TEXT : -1;
	}

	/** Undefined when the id is to be found among the texts. */
	#plainNumber(id: string): number | undefined {
		const isNegative = id.startsWith(MINUS);
		const number = plainNumber(id, isNegative ? 1 : 0);
		if (number < 0) return undefined;
		if (this.#areScattered && this.#texts.find(id) >= 0) return undefined;
		return isNegative ? FIRST_NEGATIVE + number : number;
	}
}
