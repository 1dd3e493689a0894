import { WorkFile } from './work-file.ts';

/** What is read and written at once. */
export const SEGMENT_BYTES = 16 * 1024;
/** Memory is taken for so many at a time, when it is needed. */
const BLOCK_PLACES = 32;
/** In memory together. What is in use at a time is far less; more only saves reading. */
const PLACES = 1536;

export type Numbers = Int32Array | Float64Array | Uint8Array;

/** A part of a column. */
export interface Segment<Kind extends Numbers = Numbers> {
	/** undefined: it is in the file only. */
	numbers: Kind | undefined;
	/** Since it was last thought of as one that could go. */
	isUsed: boolean;
	/** Since it was last written. */
	isChanged: boolean;
	/** Its place in the file, or -1 when it was never written. */
	slot: number;
}

/**
 * Memory for columns of any length, of a bounded size: segments that were not used for a while go to a file. It is
 * for one run only, so nothing in it is worth an fsync.
 */
export class ColumnStore {
	readonly #places: number;
	readonly #blocks: ArrayBuffer[] = [];
	readonly #residents: Segment[] = [];
	readonly #file: WorkFile;
	#hand = 0;
	#slots = 0;

	/** Throws `path_exists` and the other path codes. */
	constructor(path: string, displayPath: string, places = PLACES) {
		this.#places = places;
		this.#file = new WorkFile(path, displayPath);
	}

	/** Memory of SEGMENT_BYTES for a segment: as it was written, or with anything in it when it never was. */
	admit(segment: Segment): Uint8Array<ArrayBuffer> {
		const { length } = this.#residents;
		const place = length < this.#places ? length : this.#freePlace();
		this.#residents[place] = segment;
		segment.isChanged = segment.slot < 0;
		const bytes = this.#bytesAt(place);
		if (segment.slot >= 0) this.#file.read(bytes, segment.slot * SEGMENT_BYTES);
		return bytes;
	}

	close(): void {
		this.#file.close();
	}

	/** The next one that was not used since the hand passed it. */
	#freePlace(): number {
		for (;;) {
			const place = this.#hand;
			this.#hand = (place + 1) % this.#places;
			const segment = this.#residents[place];
			if (segment === undefined) return place;
			if (segment.isUsed) segment.isUsed = false;
			else {
				if (segment.isChanged) this.#write(segment, place);
				segment.numbers = undefined;
				return place;
			}
		}
	}

	#bytesAt(place: number): Uint8Array<ArrayBuffer> {
		const block = (this.#blocks[Math.floor(place / BLOCK_PLACES)] ??= new ArrayBuffer(
			BLOCK_PLACES * SEGMENT_BYTES,
		));
		return new Uint8Array(block, (place % BLOCK_PLACES) * SEGMENT_BYTES, SEGMENT_BYTES);
	}

	#write(segment: Segment, place: number): void {
		if (segment.slot < 0) segment.slot = this.#slots++;
		this.#file.write(this.#bytesAt(place), segment.slot * SEGMENT_BYTES);
	}
}
