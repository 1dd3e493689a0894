import type { ByteSink } from '../../lib/core/index.ts';
import {
	type ArchiveContext,
	type IndexEntry,
	type IndexOptions,
	type TreeSelection,
	type TreeSummary,
	archiveTree,
	readIndex,
} from '../../lib/tree/index.ts';
import { CONTEXT, pieces } from './archive-bytes.ts';

/** Keeps what is written to it. */
export class MemorySink implements ByteSink {
	readonly #parts: Uint8Array[] = [];

	async write(bytes: Uint8Array): Promise<void> {
		this.#parts.push(bytes);
		await Promise.resolve();
	}

	get bytes(): Buffer {
		return Buffer.concat(this.#parts);
	}
}

/** One archive of a chain, in memory. */
export interface ChainPart {
	readonly tar: Buffer;
	readonly index: Buffer;
	readonly deletions: Buffer;
	readonly summary: TreeSummary;
}

export interface IndexedArchive {
	readonly selection?: Partial<TreeSelection>;
	readonly context?: ArchiveContext;
	/** What it builds on. */
	readonly base?: ChainPart;
	readonly part?: number;
	readonly comparesContent?: boolean;
	readonly hashesTargets?: boolean;
}

/** Archives a folder with its index. */
export async function indexedArchive(root: string, how: IndexedArchive = {}): Promise<ChainPart> {
	const [sink, deletions] = [new MemorySink(), new MemorySink()];
	const { base, part = 0, comparesContent = false, hashesTargets = false } = how;
	const options: IndexOptions = {
		...{ sink, part, hashesTargets },
		...(base === undefined
			? {}
			: { base: { index: pieces(base.index, 70_000), deletions, comparesContent } }),
	};
	const selection = { root, displayRoot: root, ...how.selection };
	const { chunks, summary } = await archiveTree(selection, how.context ?? CONTEXT, options);
	const parts: Uint8Array[] = [];
	for await (const chunk of chunks) parts.push(chunk);
	const tar = Buffer.concat(parts);
	return { tar, index: sink.bytes, deletions: deletions.bytes, summary: summary() };
}

/** The entries of an index that comes in pieces of `size` bytes. */
export async function entriesOf(index: Buffer, size = 70_000): Promise<IndexEntry[]> {
	const entries: IndexEntry[] = [];
	for await (const entry of readIndex(pieces(index, size))) entries.push(entry);
	return entries;
}
