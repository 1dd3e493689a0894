const CHUNK_BITS = 16;
const CHUNK_WORDS = 2 ** CHUNK_BITS / 32;
/** Numbers of nine digits at most are told from other texts without doubt, and fit the bitmap. */
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,8})$/;

function bitsIn(word: number): number {
	let bits = 0;
	for (let rest = word; rest !== 0; rest &= rest - 1) bits++;
	return bits;
}

/** Ids in little memory: numbers take a bit each, in chunks where there are any; others are kept as texts. */
export class IdSet {
	readonly #chunks = new Map<number, Uint32Array>();
	readonly #texts = new Set<string>();

	has(id: string): boolean {
		if (!PLAIN_NUMBER.test(id)) return this.#texts.has(id);
		const number = Number(id);
		const word = this.#chunks.get(number >>> CHUNK_BITS)?.[(number >>> 5) % CHUNK_WORDS] ?? 0;
		return (word & (1 << (number & 31))) !== 0;
	}

	/** Adds it; false when it was there already. */
	add(id: string): boolean {
		if (!PLAIN_NUMBER.test(id)) {
			if (this.#texts.has(id)) return false;
			this.#texts.add(id);
			return true;
		}
		const number = Number(id);
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
		for (const id of this.#texts) if (!others.#texts.has(id)) count++;
		return count;
	}
}
