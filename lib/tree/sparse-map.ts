import { BLOCK_BYTES } from './tar-blocks.ts';

/*
 * Sparse files: what lies between the segments is zeros that take no room. The map is found by reading,
 * because Node.js cannot ask the file system for holes; it is written as GNU tar's format 1.0, which
 * stands at the head of the member's content.
 */

/** A run of bytes that are stored. */
export interface Segment {
	readonly offset: number;
	readonly bytes: number;
}

export type SparseMap = readonly Segment[];

/** File systems keep holes in blocks of this size or larger. */
const GRANULE_BYTES = 4096;
/** A map of this many segments is a few megabytes; beyond it small holes are stored as zeros. */
const SEGMENTS_MAX = 50_000;
const ZEROS = Buffer.alloc(GRANULE_BYTES);

function isZero(bytes: Buffer): boolean {
	return bytes.equals(bytes.length === GRANULE_BYTES ? ZEROS : ZEROS.subarray(0, bytes.length));
}

/** Finds the zero blocks of a file that passes in order. */
export class HoleFinder {
	#segments: { offset: number; bytes: number }[] = [];
	#offset = 0;
	#smallestHole = GRANULE_BYTES;

	/** All chunks but the last must be whole multiples of 4,096 bytes. */
	add(chunk: Buffer): void {
		for (let at = 0; at < chunk.length; at += GRANULE_BYTES) {
			const granule = chunk.subarray(at, at + GRANULE_BYTES);
			if (!isZero(granule)) this.#store(this.#offset + at, granule.length);
		}
		this.#offset += chunk.length;
	}

	map(): SparseMap {
		return this.#segments;
	}

	#store(offset: number, bytes: number): void {
		const last = this.#segments.at(-1);
		const end = last === undefined ? -Infinity : last.offset + last.bytes;
		if (last !== undefined && offset - end < this.#smallestHole) {
			last.bytes = offset + bytes - last.offset;
			return;
		}
		this.#segments.push({ offset, bytes });
		while (this.#segments.length > SEGMENTS_MAX) this.#coarsen();
	}

	#coarsen(): void {
		this.#smallestHole *= 2;
		const before = this.#segments;
		this.#segments = [];
		for (const { offset, bytes } of before) this.#store(offset, bytes);
	}
}

/** Bytes that the segments of a map hold. */
export function storedBytes(map: SparseMap): number {
	return map.reduce((total, { bytes }) => total + bytes, 0);
}

/**
 * The map as it stands before the content: decimal numbers, one a line, to a whole block. A file that
 * ends with a hole ends with an empty segment, as GNU tar writes it.
 */
export function encodeSparseMap(map: SparseMap, size: number): Buffer {
	const last = map.at(-1);
	const isToTheEnd = last !== undefined && last.offset + last.bytes === size;
	const all = isToTheEnd ? map : [...map, { offset: size, bytes: 0 }];
	const numbers = [all.length, ...all.flatMap(({ offset, bytes }) => [offset, bytes])];
	const text = `${numbers.join('\n')}\n`;
	return Buffer.from(
		text.padEnd(Math.ceil(text.length / BLOCK_BYTES) * BLOCK_BYTES, '\0'),
		'latin1',
	);
}

/** `offset, bytes, offset, bytes, …` as segments; `undefined` when they do not fit the file. */
export function checkedMap(
	numbers: readonly number[],
	size: number,
	stored: number,
): SparseMap | undefined {
	const map: Segment[] = [];
	let end = 0;
	for (let at = 0; at < numbers.length; at += 2) {
		const [offset = -1, bytes = -1] = numbers.slice(at, at + 2);
		if (!Number.isSafeInteger(offset + bytes) || offset < end || bytes < 0) return undefined;
		end = offset + bytes;
		if (bytes > 0) map.push({ offset, bytes });
	}
	return end <= size && storedBytes(map) === stored ? map : undefined;
}
