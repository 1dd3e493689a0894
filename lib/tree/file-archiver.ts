import { setImmediate as immediate } from 'node:timers/promises';

import { CHUNK_BYTES, type EngineContext, throwIfAborted } from '../core/index.ts';
import { type ArchiveIndex, SparseContent } from './archive-index.ts';
import {
	LargeFile,
	WHOLE_FILE_BYTES,
	mayHaveHoles,
	readUnchanged,
	readWhole,
} from './file-content.ts';
import type { Member } from './member.ts';
import { headerOf, storedSize } from './member-header.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { TreeSelection } from './selection.ts';
import { SkipLog } from './skip-log.ts';
import type { SparseMap } from './sparse-map.ts';
import { paddingOf } from './tar-blocks.ts';
import type { MemberContent } from './tree-member.ts';
import { type TreeEntry, displayPath, guarded, guardedAsync } from './walk.ts';

/** The thread looks for a cancel at least after so many chunks of a file. */
const CHUNKS_PER_TURN = 64;

export interface FileArchiverParts {
	readonly selection: TreeSelection;
	readonly context: Pick<EngineContext, 'signal'>;
	readonly skips: SkipLog;
	readonly output: OutputBuffer;
	readonly index: ArchiveIndex | undefined;
	/** Writes what stands before the content. */
	readonly begin: (entry: TreeEntry, content: MemberContent) => Generator<Uint8Array>;
	/** The content stands in the archive. */
	readonly end: (entry: TreeEntry, content: MemberContent) => void;
}

/** Puts the contents of files into an archive, and into its index. */
export class FileArchiver {
	readonly #parts: FileArchiverParts;

	constructor(parts: FileArchiverParts) {
		this.#parts = parts;
	}

	/**
	 * Puts in a file that is small, not sparse, and as it was a moment ago, as most are: it is read to
	 * where it belongs, without a copy. For all others nothing is put and nothing returned.
	 */
	quick({ fullPath, stats }: TreeEntry, member: Member): Buffer | undefined {
		const { size } = member;
		if (size > WHOLE_FILE_BYTES || mayHaveHoles(stats)) return undefined;
		const { output } = this.#parts;
		const header = headerOf(member);
		const bytes = header.bytes + size + paddingOf(size);
		if (bytes > output.room) return undefined;
		return output.make(bytes, (buffer, start) => {
			const at = start + header.bytes;
			if (!readUnchanged(fullPath, stats, { buffer, at, bytes: size })) return undefined;
			header.put(buffer, start);
			buffer.fill(0, at + size, start + bytes);
			return buffer.subarray(at, at + size);
		});
	}

	/** Nothing when the file is skipped because of a problem. Throws as `archiveTree`. */
	async *chunks(entry: TreeEntry): AsyncGenerator<Uint8Array> {
		const { path, stats } = entry;
		const { selection, skips } = this.#parts;
		const display = displayPath(path, selection);
		if (stats.size <= WHOLE_FILE_BYTES) {
			const read = guarded(path, selection, skips, () => ({
				whole: readWhole(entry.fullPath, display),
			}));
			if (read === undefined) return;
			if (read.whole !== undefined) {
				const { content, stats: now, sparse } = read.whole;
				const file = { ...entry, stats: now };
				yield* this.#parts.begin(file, { size: content.length, sparse });
				for (const { offset, bytes } of sparse ?? wholeOf(content.length)) {
					yield* this.#parts.output.put(content.subarray(offset, offset + bytes));
				}
				const wait = this.#parts.index?.content(content);
				if (wait !== undefined) await wait;
				return yield* this.#fileEnd(file, { size: content.length, sparse });
			}
		}
		yield* this.#largeFile(entry, display);
	}

	async *#largeFile(entry: TreeEntry, display: string): AsyncGenerator<Uint8Array> {
		const { selection, skips, context } = this.#parts;
		const { path, fullPath } = entry;
		const file = guarded(path, selection, skips, () => new LargeFile(fullPath, display));
		if (file === undefined) return;
		try {
			const { signal } = context;
			const search = async () => await file.findHoles(signal);
			const found = await guardedAsync(path, { selection, skips, signal }, search);
			if (found === undefined) return;
			const opened = { ...entry, stats: file.stats };
			const size = Number(file.stats.size);
			yield* this.#parts.begin(opened, { size, sparse: found.value });
			yield* this.#largeContent(opened, file, found.value);
			yield* this.#fileEnd(opened, { size, sparse: found.value });
		} finally {
			file.close();
		}
	}

	/** From here on a problem cannot be skipped any more: the member stands in the archive. */
	async *#largeContent(
		{ path, stats }: TreeEntry,
		file: LargeFile,
		sparse: SparseMap | undefined,
	): AsyncGenerator<Uint8Array> {
		const { context, output, selection, index } = this.#parts;
		const size = Number(stats.size);
		const holes =
			index === undefined || sparse === undefined ? undefined : new SparseContent(index, sparse);
		let turn = 0;
		for (const { offset, bytes } of sparse ?? wholeOf(size)) {
			for (let done = 0; done < bytes;) {
				throwIfAborted(context.signal);
				if (output.room === 0) yield output.rest();
				const count = Math.min(output.room, CHUNK_BYTES, bytes - done);
				const position = offset + done;
				const content = guarded(path, selection, NO_SKIPS, () =>
					output.make(count, (buffer, at) => {
						file.read({ buffer, at, bytes: count }, position);
						return buffer.subarray(at, at + count);
					}),
				);
				if (content !== undefined) await (holes ?? index)?.content(content);
				done += count;
				if (++turn % CHUNKS_PER_TURN === 0) await immediate();
			}
		}
		guarded(path, selection, NO_SKIPS, () => file.assertSame());
		await holes?.end(size);
	}

	async *#fileEnd(entry: TreeEntry, content: MemberContent): AsyncGenerator<Uint8Array> {
		const { size = 0, sparse } = content;
		const { output, index, end } = this.#parts;
		yield* output.zeros(paddingOf(storedSize({ size, sparse })));
		const wait = index?.endFile();
		if (wait !== undefined) await wait;
		end(entry, content);
	}
}

const NO_SKIPS = new SkipLog(() => 'abort');

/** The map of a file of which everything is stored. */
function wholeOf(bytes: number): SparseMap {
	return [{ offset: 0, bytes }];
}
