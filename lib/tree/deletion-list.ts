import type { ByteSink } from '../core/index.ts';
import { type BytePath, toBuffer } from './byte-path.ts';
import { liesBelow } from './walk-order.ts';

const PIECE_CHARACTERS = 256 * 1024;

/**
 * What an incremental archive takes away from the one before: `./…`, each path ended by a zero byte, so
 * that `xargs -0 rm -rf` reads it. Of a folder only itself.
 */
export class DeletionList {
	readonly #sink: ByteSink;
	#text = '';
	#last: BytePath | undefined;
	#entries = 0;

	constructor(sink: ByteSink) {
		this.#sink = sink;
	}

	get entries(): number {
		return this.#entries;
	}

	/** Paths come in the order of the walk. */
	async add(path: BytePath): Promise<void> {
		// The root is always there; what goes with its folder need not be named.
		if (path === '' || (this.#last !== undefined && liesBelow(path, this.#last))) return;
		this.#last = path;
		this.#entries++;
		this.#text += `./${path}\0`;
		if (this.#text.length >= PIECE_CHARACTERS) await this.end();
	}

	async end(): Promise<void> {
		const bytes = toBuffer(this.#text);
		this.#text = '';
		await this.#sink.write(bytes);
	}
}
