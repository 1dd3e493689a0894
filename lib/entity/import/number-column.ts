import { type ColumnStore, type Numbers, SEGMENT_BYTES, type Segment } from './column-store.ts';

type NumbersKind<Kind extends Numbers> = {
	readonly BYTES_PER_ELEMENT: number;
	new (buffer: ArrayBuffer, byteOffset: number, length: number): Kind;
};

/**
 * A column of numbers outside of the JavaScript heap, by any index of 32 bits: what is kept for each of a million
 * entities must not count against the memory of the worker. It grows by segments, which are never copied and
 * there only where something was put, so that ids can be indexes. With a store, a bounded part is in memory.
 */
export class NumberColumn<Kind extends Numbers = Numbers> {
	readonly #segments = new Map<number, Segment<Kind>>();
	readonly #kind: NumbersKind<Kind>;
	readonly #nothing: number;
	readonly #store: ColumnStore | undefined;
	readonly #bits: number;
	readonly #mask: number;
	#length = 0;
	/** The segment that was used last: most uses are in order. */
	#key = Number.NaN;
	#segment: Segment<Kind> | undefined;

	/** `nothing` stands where nothing was put. */
	constructor(kind: NumbersKind<Kind>, nothing: number, store: ColumnStore | undefined) {
		this.#kind = kind;
		this.#nothing = nothing;
		this.#store = store;
		const length = SEGMENT_BYTES / kind.BYTES_PER_ELEMENT;
		this.#bits = Math.log2(length);
		this.#mask = length - 1;
	}

	/** One more than the highest index that was put. */
	get length(): number {
		return this.#length;
	}

	push(value: number): void {
		this.set(this.#length, value);
	}

	get(index: number): number {
		const segment = this.#find(index >> this.#bits);
		if (segment === undefined) return this.#nothing;
		return this.#numbersOf(segment)[index & this.#mask] ?? this.#nothing;
	}

	set(index: number, value: number): void {
		if (index >= this.#length) this.#length = index + 1;
		let segment = this.#find(index >> this.#bits);
		if (segment === undefined) {
			if (value === this.#nothing) return;
			segment = this.#newSegment(index >> this.#bits);
		}
		this.#numbersOf(segment)[index & this.#mask] = value;
		segment.isChanged = true;
	}

	/** Forgets all of it, so that a store keeps nothing of it. */
	clear(): void {
		for (const segment of this.#segments.values()) {
			segment.isUsed = false;
			segment.isChanged = false;
		}
		this.#segments.clear();
		this.#segment = undefined;
		this.#key = Number.NaN;
		this.#length = 0;
	}

	/** All from the first on; what was put during this as well. */
	*values(): Generator<number> {
		for (let index = 0; index < this.#length; index++) yield this.get(index);
	}

	/** What was put, by index; roughly in the order of their coming. */
	*entries(): Generator<readonly [index: number, value: number]> {
		for (const [key, segment] of this.#segments) {
			for (let at = 0; at <= this.#mask; at++) {
				const value = this.#numbersOf(segment)[at] ?? this.#nothing;
				if (value !== this.#nothing) yield [key * (this.#mask + 1) + at, value];
			}
		}
	}

	#find(key: number): Segment<Kind> | undefined {
		if (key !== this.#key) {
			this.#key = key;
			this.#segment = this.#segments.get(key);
		}
		return this.#segment;
	}

	#newSegment(key: number): Segment<Kind> {
		const segment: Segment<Kind> = { numbers: undefined, isUsed: true, isChanged: true, slot: -1 };
		this.#numbersOf(segment).fill(this.#nothing);
		this.#segments.set(key, segment);
		this.#segment = segment;
		return segment;
	}

	#numbersOf(segment: Segment<Kind>): Kind {
		segment.isUsed = true;
		return (segment.numbers ??= this.#admitted(segment));
	}

	#admitted(segment: Segment<Kind>): Kind {
		const { buffer, byteOffset } = this.#store?.admit(segment) ?? new Uint8Array(SEGMENT_BYTES);
		return new this.#kind(buffer, byteOffset, this.#mask + 1);
	}
}

/** `nothing` stands where nothing was put; with a `store`, little of it is in memory. */
export function integers(nothing = 0, store?: ColumnStore): NumberColumn<Int32Array> {
	return new NumberColumn<Int32Array>(Int32Array, nothing, store);
}

/** Exact up to 2^53: offsets in a file. */
export function offsets(store?: ColumnStore): NumberColumn<Float64Array> {
	return new NumberColumn<Float64Array>(Float64Array, 0, store);
}

export function smallNumbers(store?: ColumnStore): NumberColumn<Uint8Array> {
	return new NumberColumn<Uint8Array>(Uint8Array, 0, store);
}
