import { EngineError } from '../../core/index.ts';
import { integers } from './number-column.ts';

const FIRST_SLOTS = 2048;
const FIRST_BYTES = 64 * 1024;
/** Slots that are taken before the table grows, as a part of all. */
const FULL = 0.6;
/** All texts together: ids and names of more entities than any server has. */
const BYTES_MAX = 2 ** 31 - 1;
const UTF8_BYTES_PER_UNIT = 3;

/** Texts numbered from 0 in the order of their coming, outside of the JavaScript heap; each has one number. */
export class StringTable {
	#bytes = Buffer.allocUnsafe(FIRST_BYTES);
	#used = 0;
	readonly #ends = integers();
	readonly #hashes = integers();
	/** Number of a text plus one; 0 is free. */
	#slots = new Int32Array(FIRST_SLOTS);
	#scratch = Buffer.allocUnsafe(1024);

	get size(): number {
		return this.#ends.length;
	}

	/** The number of the text, a new one when it has none. */
	add(text: string): number {
		const length = this.#encode(text);
		const hash = this.#hash(length);
		const slot = this.#slotOf(hash, length);
		const found = this.#slots[slot] ?? 0;
		if (found > 0) return found - 1;
		const number = this.#append(length, hash);
		this.#slots[slot] = number + 1;
		if (this.size > this.#slots.length * FULL) this.#grow();
		return number;
	}

	/** The number of the text, or -1. */
	find(text: string): number {
		const length = this.#encode(text);
		return (this.#slots[this.#slotOf(this.#hash(length), length)] ?? 0) - 1;
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

	/** FNV-1a. */
	#hash(length: number): number {
		let hash = 0x811c9dc5;
		for (let at = 0; at < length; at++) {
			hash = Math.imul(hash ^ (this.#scratch[at] ?? 0), 0x01000193);
		}
		return hash | 0;
	}

	/** Where the text in the scratch buffer is, or would be. */
	#slotOf(hash: number, length: number): number {
		const mask = this.#slots.length - 1;
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const number = (this.#slots[slot] ?? 0) - 1;
			if (number < 0 || (this.#hashes.get(number) === hash && this.#equals(number, length))) {
				return slot;
			}
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

	#append(length: number, hash: number): number {
		const end = this.#used + length;
		if (end > BYTES_MAX) {
			throw new EngineError('limit_exceeded', 'Ids and names are too long to be kept together', {
				remedy: 'Import the entities in several parts.',
				details: { limit: BYTES_MAX },
			});
		}
		if (end > this.#bytes.length) {
			const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
			this.#bytes.copy(larger, 0, 0, this.#used);
			this.#bytes = larger;
		}
		this.#scratch.copy(this.#bytes, this.#used, 0, length);
		this.#used = end;
		this.#ends.push(end);
		this.#hashes.push(hash);
		return this.size - 1;
	}

	#grow(): void {
		const slots = new Int32Array(this.#slots.length * 2);
		const mask = slots.length - 1;
		for (let number = 0; number < this.size; number++) {
			let slot = this.#hashes.get(number) & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = number + 1;
		}
		this.#slots = slots;
	}
}
