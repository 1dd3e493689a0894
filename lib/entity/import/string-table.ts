import { EngineError } from '../../core/index.ts';
import type { ColumnStore } from './column-store.ts';
import { integers } from './number-column.ts';

const FIRST_SLOTS = 2048;
const FIRST_BYTES = 64 * 1024;
/** Slots that are taken before the table grows, as a part of all. */
const FULL = 0.6;
/** A slot has a number, and above it some bits of the hash: other texts need not be looked at. */
const NUMBER_BITS = 25;
const NUMBER_MASK = 2 ** NUMBER_BITS - 1;
/** Less is copied more often, more is more often empty. */
const GROWTH = 1.25;
/** All texts together: ids and names of more entities than any server has. */
const BYTES_MAX = 2 ** 31 - 1;
const UTF8_BYTES_PER_UNIT = 3;

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
	let hash = 0x811c9dc5;
	for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
	return hash | 0;
}

function entryOf(number: number, hash: number): number {
	return (number + 1) | (hash & ~NUMBER_MASK);
}

/** Texts numbered from 0 in the order of their coming, outside of the JavaScript heap; each has one number. */
export class StringTable {
	#bytes = Buffer.allocUnsafe(FIRST_BYTES);
	#used = 0;
	readonly #ends;
	/** Number of a text plus one; 0 is free. */
	#slots = new Int32Array(FIRST_SLOTS);
	#scratch = Buffer.allocUnsafe(1024);

	constructor(store?: ColumnStore) {
		this.#ends = integers(0, store);
	}

	get size(): number {
		return this.#ends.length;
	}

	/** The number of the text, a new one when it has none. */
	add(text: string): number {
		const length = this.#encode(text);
		const hash = hashOf(this.#scratch, 0, length);
		const slot = this.#slotOf(hash, length);
		const found = (this.#slots[slot] ?? 0) & NUMBER_MASK;
		if (found > 0) return found - 1;
		const number = this.#append(length);
		this.#slots[slot] = entryOf(number, hash);
		if (this.size > this.#slots.length * FULL) this.#grow();
		return number;
	}

	/** The number of the text, or -1. */
	find(text: string): number {
		const length = this.#encode(text);
		const slot = this.#slotOf(hashOf(this.#scratch, 0, length), length);
		return ((this.#slots[slot] ?? 0) & NUMBER_MASK) - 1;
	}

	text(number: number): string {
		return this.#bytes.toString('utf8', this.#startOf(number), this.#ends.get(number));
	}

	#startOf(number: number): number {
		return number === 0 ? 0 : this.#ends.get(number - 1);
	}

	#encode(text: string): number {
		const most = text.length * UTF8_BYTES_PER_UNIT;
		if (most > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(most);
		return this.#scratch.write(text, 'utf8');
	}

	/** Where the text in the scratch buffer is, or would be. */
	#slotOf(hash: number, length: number): number {
		const mask = this.#slots.length - 1;
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const entry = this.#slots[slot] ?? 0;
			if (entry === 0) return slot;
			const number = (entry & NUMBER_MASK) - 1;
			if (entry === entryOf(number, hash) && this.#equals(number, length)) return slot;
		}
	}

	#equals(number: number, length: number): boolean {
		const [start, end] = [this.#startOf(number), this.#ends.get(number)];
		if (end - start !== length) return false;
		// Ids are short: a call of Buffer.compare costs more than the bytes.
		for (let at = 0; at < length; at++) {
			if (this.#bytes[start + at] !== this.#scratch[at]) return false;
		}
		return true;
	}

	#append(length: number): number {
		const end = this.#used + length;
		if (end > BYTES_MAX || this.size === NUMBER_MASK) {
			throw new EngineError('limit_exceeded', 'Ids and names are too long to be kept together', {
				remedy: 'Import the entities in several parts.',
				details: { limit: BYTES_MAX },
			});
		}
		if (end > this.#bytes.length) {
			const larger = Buffer.allocUnsafe(Math.max(end, Math.ceil(this.#bytes.length * GROWTH)));
			this.#bytes.copy(larger, 0, 0, this.#used);
			this.#bytes = larger;
		}
		this.#scratch.copy(this.#bytes, this.#used, 0, length);
		this.#used = end;
		this.#ends.push(end);
		return this.size - 1;
	}

	#grow(): void {
		const slots = new Int32Array(this.#slots.length * 2);
		const mask = slots.length - 1;
		for (let number = 0; number < this.size; number++) {
			const hash = hashOf(this.#bytes, this.#startOf(number), this.#ends.get(number));
			let slot = hash & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = entryOf(number, hash);
		}
		this.#slots = slots;
	}
}
