import type { BytePath } from './byte-path.ts';
import {
	type IndexEntry,
	damagedIndex,
	linePath,
	parseHeader,
	parseLine,
	parseTrailer,
} from './index-lines.ts';
import { compareInWalkOrder } from './walk-order.ts';

/** A path and a target of 4,096 bytes each, every byte escaped, and the rest. */
const LINE_MAX_CHARACTERS = 64 * 1024;

/** A line that is not read but for its path. */
export interface IndexLine {
	readonly path: BytePath;
	readonly text: string;
}

/** The lines of each chunk. */
async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
	let rest = '';
	for await (const chunk of chunks) {
		const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		const parts = (rest + bytes.toString('latin1')).split('\n');
		rest = parts.pop() ?? '';
		if (rest.length > LINE_MAX_CHARACTERS) throw damagedIndex('a line is too long');
		if (parts.length > 0) yield parts;
	}
	if (rest !== '') throw damagedIndex('it is cut');
}

/**
 * The lines of an index between its header and its trailer, many at a time. Throws `artifact_corrupt` when
 * it is cut, out of order, or counts other lines than there are.
 */
export async function* indexLines(
	chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly IndexLine[]> {
	let isFirst = true;
	let before: BytePath | undefined;
	let entries = 0;
	let trailer: number | undefined;
	for await (const batch of lines(chunks)) {
		if (trailer !== undefined) throw damagedIndex('something follows its end');
		const found: IndexLine[] = [];
		for (const [index, text] of batch.entries()) {
			if (isFirst) {
				parseHeader(text);
				isFirst = false;
				continue;
			}
			trailer = parseTrailer(text);
			if (trailer !== undefined) {
				if (index !== batch.length - 1) throw damagedIndex('something follows its end');
				break;
			}
			const path = linePath(text);
			if (before !== undefined && compareInWalkOrder(before, path) >= 0) {
				throw damagedIndex('its lines are out of order');
			}
			before = path;
			found.push({ path, text });
		}
		entries += found.length;
		yield found;
	}
	if (trailer !== entries) throw damagedIndex('it is cut');
}

/** The entries of an index. Throws `artifact_corrupt`, as `indexLines` does and for what a line says. */
export async function* readIndex(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<IndexEntry> {
	for await (const batch of indexLines(chunks)) {
		for (const { text } of batch) yield parseLine(text);
	}
}

/** Goes through an index beside a walk, which meets paths in the same order. */
export class IndexCursor {
	readonly #batches: AsyncGenerator<readonly IndexLine[]>;
	readonly #onMissed: (line: IndexLine) => Promise<void>;
	#batch: readonly IndexLine[] = [];
	#at = 0;
	#ended = false;

	/** `onMissed` is told of every line that the walk has gone past without meeting it. */
	constructor(chunks: AsyncIterable<Uint8Array>, onMissed: (line: IndexLine) => Promise<void>) {
		this.#batches = indexLines(chunks);
		this.#onMissed = onMissed;
	}

	/** The line at hand, if it is that of this path; else only `seek` knows. */
	peek(path: BytePath): string | undefined {
		const line = this.#batch[this.#at];
		return line?.path === path ? line.text : undefined;
	}

	/** Goes on behind the line that was peeked at. */
	pass(): void {
		this.#at++;
	}

	/** The line of this path; `undefined` when there is none. */
	async seek(path: BytePath): Promise<string | undefined> {
		for (;;) {
			const line = await this.#peek();
			if (line === undefined) return undefined;
			const order = compareInWalkOrder(line.path, path);
			if (order > 0) return undefined;
			this.#at++;
			if (order === 0) return line.text;
			await this.#onMissed(line);
		}
	}

	/** After the walk. */
	async end(): Promise<void> {
		for (let line = await this.#peek(); line !== undefined; line = await this.#peek()) {
			this.#at++;
			await this.#onMissed(line);
		}
	}

	/** Lets the source close, also when it was not read to its end. */
	async close(): Promise<void> {
		await this.#batches.return(undefined);
	}

	async #peek(): Promise<IndexLine | undefined> {
		while (this.#at === this.#batch.length && !this.#ended) {
			const step = await this.#batches.next();
			if (step.done === true) this.#ended = true;
			else [this.#batch, this.#at] = [step.value, 0];
		}
		return this.#batch[this.#at];
	}
}
