/** Numbers that are kept together: few enough to leave little room unused. */
const SEGMENT_BITS = 12;
const SEGMENT_LENGTH = 2 ** SEGMENT_BITS;

/**
 * A column of numbers outside of the JavaScript heap, by any index of 32 bits: what is kept for each of a million
 * entities must not count against the memory of the worker. It grows by segments, which are never copied and
 * there only where something was put, so that ids can be indexes.
 */
export class NumberColumn<Numbers extends Int32Array | Float64Array | Uint8Array> {
	readonly #segments = new Map<number, Numbers>();
	readonly #make: (length: number) => Numbers;
	readonly #nothing: number;
	#length = 0;
	/** The segment that was used last: most uses are in order. */
	#key = Number.NaN;
	#segment: Numbers | undefined;

	/** `nothing` stands where nothing was put. */
	constructor(make: (length: number) => Numbers, nothing: number) {
		this.#make = make;
		this.#nothing = nothing;
	}

	/** One more than the highest index that was put. */
	get length(): number {
		return this.#length;
	}

	push(value: number): void {
		this.set(this.#length, value);
	}

	get(index: number): number {
		const segment = this.#find(index >> SEGMENT_BITS);
		return segment?.[index & (SEGMENT_LENGTH - 1)] ?? this.#nothing;
	}

	set(index: number, value: number): void {
		if (index >= this.#length) this.#length = index + 1;
		const key = index >> SEGMENT_BITS;
		let segment = this.#find(key);
		if (segment === undefined) {
			if (value === this.#nothing) return;
			segment = this.#make(SEGMENT_LENGTH);
			segment.fill(this.#nothing);
			this.#segments.set(key, segment);
			this.#segment = segment;
		}
		segment[index & (SEGMENT_LENGTH - 1)] = value;
	}

	/** What was put, by index; roughly in the order of their coming. */
	*entries(): Generator<readonly [index: number, value: number]> {
		for (const [key, segment] of this.#segments) {
			for (const [at, value] of segment.entries()) {
				if (value !== this.#nothing) yield [key * SEGMENT_LENGTH + at, value];
			}
		}
	}

	#find(key: number): Numbers | undefined {
		if (key !== this.#key) {
			this.#key = key;
			this.#segment = this.#segments.get(key);
		}
		return this.#segment;
	}
}

export function integers(nothing = 0): NumberColumn<Int32Array> {
	return new NumberColumn((length) => new Int32Array(length), nothing);
}

/** Exact up to 2^53: offsets in a file. */
export function offsets(nothing = 0): NumberColumn<Float64Array> {
	return new NumberColumn((length) => new Float64Array(length), nothing);
}

export function smallNumbers(): NumberColumn<Uint8Array> {
	return new NumberColumn((length) => new Uint8Array(length), 0);
}
