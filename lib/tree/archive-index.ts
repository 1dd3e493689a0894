import type { ByteSink } from '../core/index.ts';
import { ContentHasher } from './content-hasher.ts';
import { IndexWriter } from './index-writer.ts';
import type { SparseMap } from './sparse-map.ts';

/** Writes the index of an archive while the archive is written: of each file the very bytes that go in. */
export class ArchiveIndex {
	readonly #writer: IndexWriter;
	readonly #hasher: ContentHasher;

	constructor(sink: ByteSink, part: number, signal: AbortSignal) {
		const writer = new IndexWriter(sink, part);
		this.#writer = writer;
		this.#hasher = new ContentHasher(signal, (digest) => writer.digest(digest));
	}

	/** A line that is whole. */
	add(line: string): void {
		this.#writer.add(line);
	}

	/** A file, of which all bytes come next. */
	beginFile(head: string): void {
		this.#writer.addFile(head);
	}

	/** A file whose content is at hand. Wait for the promise, if there is one, before the next call. */
	file(head: string, content: Uint8Array): Promise<void> | undefined {
		this.beginFile(head);
		const wait = this.content(content);
		return wait === undefined ? this.endFile() : wait.then(async () => await this.endFile());
	}

	/** Wait as for `file`. */
	content(bytes: Uint8Array): Promise<void> | undefined {
		return this.#hasher.add(bytes);
	}

	async zeros(count: number): Promise<void> {
		await this.#hasher.zeros(count);
	}

	endFile(): Promise<void> | undefined {
		return this.#hasher.endFile();
	}

	async drain(): Promise<void> {
		await this.#writer.drain();
	}

	async end(): Promise<void> {
		await this.#hasher.finish();
		await this.#writer.end();
	}

	close(): void {
		this.#hasher.close();
	}
}

/** Gives the index the content of a file of which only what is not zeros is read. */
export class SparseContent {
	readonly #index: ArchiveIndex;
	readonly #map: SparseMap;
	#segment = 0;
	#doneInSegment = 0;
	#position = 0;

	constructor(index: ArchiveIndex, map: SparseMap) {
		this.#index = index;
		this.#map = map;
	}

	/** The next stored bytes; none of them reaches over the end of a segment. */
	async content(bytes: Uint8Array): Promise<void> {
		let segment = this.#map[this.#segment];
		while (segment !== undefined && segment.bytes === this.#doneInSegment) {
			this.#doneInSegment = 0;
			segment = this.#map[++this.#segment];
		}
		if (segment === undefined) return;
		const offset = segment.offset + this.#doneInSegment;
		await this.#index.zeros(offset - this.#position);
		await this.#index.content(bytes);
		this.#position = offset + bytes.length;
		this.#doneInSegment += bytes.length;
	}

	async end(size: number): Promise<void> {
		await this.#index.zeros(size - this.#position);
	}
}
