import type { ColumnStore } from './column-store.ts';
import { integers, offsets } from './number-column.ts';
import { WorkFile } from './work-file.ts';

const BLOCK_BYTES = 256 * 1024;
const UTF8_BYTES_PER_UNIT = 3;
/** Texts whose place is found by the lengths of those before them. */
const STEP = 16;

/**
 * Texts that do not stay in memory, by number. Read mostly in the order of writing, so one block is kept.
 * The file is for this run only: nothing in it is worth an fsync.
 */
export class SpillFile {
	readonly #file: WorkFile;
	readonly #lengths;
	/** Of every sixteenth text. */
	readonly #starts;
	#pending = Buffer.allocUnsafe(BLOCK_BYTES * 2);
	#pendingBytes = 0;
	#written = 0;
	#block = Buffer.alloc(0);
	#blockStart = 0;

	/** Throws `path_exists` and the other path codes. */
	constructor(path: string, displayPath: string, store?: ColumnStore) {
		this.#lengths = integers(0, store);
		this.#starts = offsets(store);
		this.#file = new WorkFile(path, displayPath);
	}

	get length(): number {
		return this.#lengths.length;
	}

	/** Returns the number of the text. */
	push(text: string): number {
		const most = text.length * UTF8_BYTES_PER_UNIT;
		if (most > this.#pending.length - this.#pendingBytes) this.#flush();
		if (most > this.#pending.length) return this.#pushLong(Buffer.from(text, 'utf8'));
		const bytes = this.#pending.write(text, this.#pendingBytes, 'utf8');
		this.#note(this.#written + this.#pendingBytes, bytes);
		this.#pendingBytes += bytes;
		if (this.#pendingBytes >= BLOCK_BYTES) this.#flush();
		return this.length - 1;
	}

	/** Length of the text as it lies there. */
	bytes(number: number): number {
		return this.#lengths.get(number);
	}

	text(number: number): string {
		const start = this.#startOf(number);
		const end = start + this.bytes(number);
		if (end > this.#written) this.#flush();
		const blockEnd = this.#blockStart + this.#block.length;
		if (start < this.#blockStart || end > blockEnd) this.#load(start, end - start);
		return this.#block.toString('utf8', start - this.#blockStart, end - this.#blockStart);
	}

	close(): void {
		this.#file.close();
	}

	#load(start: number, least: number): void {
		const bytes = Math.max(least, Math.min(BLOCK_BYTES, this.#written - start));
		const block = Buffer.allocUnsafe(bytes);
		this.#file.read(block, start);
		this.#block = block;
		this.#blockStart = start;
	}

	#pushLong(bytes: Buffer): number {
		this.#note(this.#written, bytes.length);
		this.#write(bytes);
		return this.length - 1;
	}

	#note(start: number, bytes: number): void {
		if (this.length % STEP === 0) this.#starts.push(start);
		this.#lengths.push(bytes);
	}

	#startOf(number: number): number {
		const first = number - (number % STEP);
		let start = this.#starts.get(first / STEP);
		for (let before = first; before < number; before++) start += this.#lengths.get(before);
		return start;
	}

	#flush(): void {
		this.#write(this.#pending.subarray(0, this.#pendingBytes));
		this.#pendingBytes = 0;
	}

	#write(bytes: Buffer): void {
		this.#file.write(bytes, this.#written);
		this.#written += bytes.length;
	}
}
