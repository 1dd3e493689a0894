import { deflateRawSync, inflateRawSync } from 'node:zlib';

import { EngineError } from '../../core/index.ts';

/*
 * A set of ids that takes little room, in memory and as text. Numeric ids are runs: how many are left out,
 * how many follow. Others are sorted, each with the number of characters it shares with the one before. The
 * bytes of both are deflated.
 */

/** Numbers in a form that no other text has, and that a double holds exactly. */
const NUMERIC = /^(0|[1-9]\d{0,14})$/;
/** Unpacked bytes of a text: far above what fits into the packed limit in earnest. */
const UNPACKED_LIMIT = 256 * 1024 * 1024;
const START_CAPACITY = 1024;

/** Gathers ids in any order. */
export class IdInventoryBuilder {
	#numbers = new Float64Array(START_CAPACITY);
	#count = 0;
	readonly #texts = new Set<string>();

	add(id: string): void {
		if (!NUMERIC.test(id)) {
			this.#texts.add(id);
			return;
		}
		if (this.#count === this.#numbers.length) {
			const larger = new Float64Array(this.#count * 2);
			larger.set(this.#numbers);
			this.#numbers = larger;
		}
		this.#numbers[this.#count++] = Number(id);
	}

	build(): IdInventory {
		const sorted = this.#numbers.slice(0, this.#count).sort();
		let length = 0;
		for (const number of sorted) {
			if (length === 0 || sorted[length - 1] !== number) sorted[length++] = number;
		}
		return new IdInventory(sorted.slice(0, length), [...this.#texts].sort());
	}
}

class ByteWriter {
	#bytes = Buffer.alloc(START_CAPACITY);
	#length = 0;

	number(value: number): void {
		this.#reserve(8);
		let rest = value;
		while (rest >= 0x80) {
			this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
			rest = Math.floor(rest / 0x80);
		}
		this.#bytes[this.#length++] = rest;
	}

	text(text: string): void {
		const bytes = Buffer.from(text);
		this.number(bytes.length);
		this.#reserve(bytes.length);
		this.#length += bytes.copy(this.#bytes, this.#length);
	}

	end(): Buffer {
		return this.#bytes.subarray(0, this.#length);
	}

	#reserve(more: number): void {
		if (this.#length + more <= this.#bytes.length) return;
		const larger = Buffer.alloc((this.#length + more) * 2);
		this.#bytes.copy(larger);
		this.#bytes = larger;
	}
}

class ByteReader {
	readonly #bytes: Buffer;
	#at = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	get isEnd(): boolean {
		return this.#at === this.#bytes.length;
	}

	number(): number {
		let value = 0;
		for (let factor = 1; factor <= Number.MAX_SAFE_INTEGER; factor *= 0x80) {
			const byte = this.#bytes[this.#at++];
			if (byte === undefined) break;
			value += (byte & 0x7f) * factor;
			if (byte < 0x80) return value;
		}
		return damaged();
	}

	text(): string {
		const length = this.number();
		const end = this.#at + length;
		if (end > this.#bytes.length) damaged();
		const text = this.#bytes.toString('utf8', this.#at, end);
		this.#at = end;
		return text;
	}
}

function damaged(): never {
	throw new EngineError('invalid_option', 'The list of known ids is damaged', {
		remedy: 'Put a new CaosDB Trigger in the place of this one; it begins anew.',
	});
}

function sharedLength(left: string, right: string): number {
	let length = 0;
	while (length < left.length && left[length] === right[length]) length++;
	return length;
}

/** Ids, sorted. */
export class IdInventory {
	readonly #numbers: Float64Array;
	readonly #texts: readonly string[];
	readonly #textSet: ReadonlySet<string>;

	/** For the builder: both sorted, without repetitions. */
	constructor(numbers: Float64Array, texts: readonly string[]) {
		this.#numbers = numbers;
		this.#texts = texts;
		this.#textSet = new Set(texts);
	}

	static of(ids: Iterable<string>): IdInventory {
		const builder = new IdInventoryBuilder();
		for (const id of ids) builder.add(id);
		return builder.build();
	}

	get size(): number {
		return this.#numbers.length + this.#texts.length;
	}

	has(id: string): boolean {
		if (!NUMERIC.test(id)) return this.#textSet.has(id);
		const wanted = Number(id);
		let [low, high] = [0, this.#numbers.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#numbers[middle] ?? Infinity) < wanted) low = middle + 1;
			else high = middle;
		}
		return this.#numbers[low] === wanted;
	}

	*[Symbol.iterator](): Generator<string> {
		for (const number of this.#numbers) yield String(number);
		yield* this.#texts;
	}

	/** Those that the other set has not. */
	*without(other: IdInventory): Generator<string> {
		for (const id of this) if (!other.has(id)) yield id;
	}

	/** Base64. */
	toText(): string {
		const writer = new ByteWriter();
		const runs: number[] = [];
		let next = 0;
		for (const number of this.#numbers) {
			if (number === next && runs.length > 0) runs.push((runs.pop() ?? 0) + 1);
			else runs.push(number - next, 1);
			next = number + 1;
		}
		writer.number(runs.length);
		for (const value of runs) writer.number(value);
		let before = '';
		for (const text of this.#texts) {
			const shared = sharedLength(before, text);
			writer.number(shared);
			writer.text(text.slice(shared));
			before = text;
		}
		return deflateRawSync(writer.end()).toString('base64');
	}

	/** Of what `toText` made. Throws `invalid_option` when it is damaged. */
	static fromText(text: string): IdInventory {
		const reader = new ByteReader(unpack(text));
		const builder = new IdInventoryBuilder();
		let next = 0;
		for (let runs = reader.number(); runs > 0; runs -= 2) {
			next += reader.number();
			for (let length = reader.number(); length > 0; length--) builder.add(String(next++));
		}
		let before = '';
		while (!reader.isEnd) {
			before = before.slice(0, reader.number()) + reader.text();
			builder.add(before);
		}
		return builder.build();
	}
}

function unpack(text: string): Buffer {
	try {
		return inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: UNPACKED_LIMIT });
	} catch {
		return damaged();
	}
}
