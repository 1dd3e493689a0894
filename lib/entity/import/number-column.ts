const FIRST_LENGTH = 1024;
/** Less is copied more often, more is more often half empty. */
const GROWTH = 1.5;

/**
 * A growing column of numbers outside of the JavaScript heap: what is kept for each of a million entities
 * must not count against the memory of the worker.
 */
export class NumberColumn<Numbers extends Int32Array | Float64Array | Uint8Array> {
	#numbers: Numbers;
	#length = 0;
	readonly #make: (length: number) => Numbers;

	constructor(make: (length: number) => Numbers) {
		this.#make = make;
		this.#numbers = make(FIRST_LENGTH);
	}

	get length(): number {
		return this.#length;
	}

	push(value: number): void {
		this.#reserve(this.#length + 1);
		this.#numbers[this.#length++] = value;
	}

	/** `otherwise` where nothing was put. */
	get(index: number, otherwise = 0): number {
		return index >= 0 && index < this.#length ? (this.#numbers[index] ?? otherwise) : otherwise;
	}

	/** Numbers between the end and `index` become `fill`. */
	set(index: number, value: number, fill = 0): void {
		this.#reserve(index + 1);
		if (index >= this.#length) {
			this.#numbers.fill(fill, this.#length, index);
			this.#length = index + 1;
		}
		this.#numbers[index] = value;
	}

	/** All of it, as a copy. */
	toArray(): Numbers {
		return this.#numbers.slice(0, this.#length) as Numbers;
	}

	#reserve(length: number): void {
		if (length <= this.#numbers.length) return;
		const larger = this.#make(Math.max(length, Math.ceil(this.#numbers.length * GROWTH)));
		larger.set(this.#numbers.subarray(0, this.#length));
		this.#numbers = larger;
	}
}

export function integers(): NumberColumn<Int32Array> {
	return new NumberColumn((length) => new Int32Array(length));
}

/** Exact up to 2^53: offsets in a file. */
export function offsets(): NumberColumn<Float64Array> {
	return new NumberColumn((length) => new Float64Array(length));
}

export function smallNumbers(): NumberColumn<Uint8Array> {
	return new NumberColumn((length) => new Uint8Array(length));
}
