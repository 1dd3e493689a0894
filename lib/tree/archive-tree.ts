import { readlinkSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';

import {
	type ByteSource,
	type EngineContext,
	EngineError,
	type PathPolicyPort,
	throwIfAborted,
} from '../core/index.ts';
import { toText } from './byte-path.ts';
import { entryKind, unsupportedEntry } from './entry-errors.ts';
import { LargeFile, WHOLE_FILE_BYTES, readWhole } from './file-content.ts';
import { FirstNames } from './first-names.ts';
import { type LinkSummary, LinkSurvey } from './link-survey.ts';
import { type Member, type MemberCounts, MemberTally } from './member.ts';
import { archiveEnd, memberHeader, storedSize } from './member-header.ts';
import { OutputBuffer } from './output-buffer.ts';
import { type FilterSummary, TreeFilter, type TreeSelection } from './selection.ts';
import { SkipLog, type SkipSummary, skipDecision } from './skip-log.ts';
import { selectionWarnings } from './selection-warnings.ts';
import type { SparseMap } from './sparse-map.ts';
import { paddingOf } from './tar-blocks.ts';
import { type TreeEntry, displayPath, guarded, walk } from './walk.ts';

export type ArchiveContext = EngineContext & { readonly paths: PathPolicyPort };

/** What the manifest records of an archive. Plain data. */
export interface TreeSummary extends MemberCounts, LinkSummary, FilterSummary, SkipSummary {
	/** The archived folder. */
	readonly root: string;
	/** Of the tar. */
	readonly bytes: number;
	/** Files of which only what is not zeros is stored. */
	readonly sparseFiles: number;
	readonly warnings: readonly string[];
}

/** The thread looks for a cancel at least after so many entries. */
const ENTRIES_PER_TURN = 64;
/** And after so many chunks of a file. */
const CHUNKS_PER_TURN = 64;

class Archiver {
	readonly #selection: TreeSelection;
	readonly #context: ArchiveContext;
	readonly #filter: TreeFilter;
	readonly #skips: SkipLog;
	readonly #tally = new MemberTally();
	readonly #links: LinkSurvey;
	readonly #firstNames = new FirstNames();
	readonly #output = new OutputBuffer();
	#sparseFiles = 0;
	#ended = false;

	constructor(selection: TreeSelection, context: ArchiveContext) {
		this.#selection = selection;
		this.#context = context;
		this.#filter = new TreeFilter(selection);
		this.#skips = new SkipLog(skipDecision(selection));
		this.#links = new LinkSurvey(selection.displayRoot);
	}

	async *chunks(): AsyncGenerator<Uint8Array> {
		const { paths, signal, progress } = this.#context;
		const context = { paths, signal, filter: this.#filter, skips: this.#skips };
		let turn = 0;
		for await (const entry of walk(this.#selection, context)) {
			yield* this.#entry(entry);
			if (turn++ % ENTRIES_PER_TURN !== 0) continue;
			await immediate();
			const done = this.#tally.entries;
			progress.report({ phase: 'archive', done, unit: 'entries', item: toText(entry.path) });
		}
		yield* this.#output.put(archiveEnd(this.#output.bytes));
		yield this.#output.rest();
		this.#ended = true;
	}

	summary(): TreeSummary {
		if (!this.#ended) throw new EngineError('internal', 'The archive has not been read to its end');
		const summary = {
			...this.#tally.counts(),
			...this.#links.summary(),
			...this.#filter.summary(),
			...this.#skips.summary(),
		};
		return {
			root: this.#selection.displayRoot,
			bytes: this.#output.bytes,
			...summary,
			sparseFiles: this.#sparseFiles,
			warnings: selectionWarnings(summary),
		};
	}

	async *#entry(entry: TreeEntry): AsyncGenerator<Uint8Array> {
		const { stats } = entry;
		if (entry.isFollowed) this.#links.addFollowed();
		if (entry.isLoop) this.#links.addLoop(entry.path);
		if (stats.isFile()) yield* this.#file(entry);
		else if (stats.isDirectory()) yield* this.#member(entry, 'folder');
		else if (stats.isSymbolicLink()) yield* this.#link(entry);
		else {
			const display = displayPath(entry.path, this.#selection);
			this.#skips.meet(unsupportedEntry(display, entryKind(stats)), display);
		}
	}

	*#link(entry: TreeEntry): Generator<Uint8Array> {
		const { path, fullPath } = entry;
		const target = this.#guarded(entry, () => readlinkSync(fullPath, 'buffer'));
		if (target === undefined) return;
		const linkTarget = target.toString('latin1');
		this.#links.add(path, linkTarget, fullPath);
		yield* this.#member(entry, 'symbolicLink', { linkTarget });
	}

	async *#file(entry: TreeEntry): AsyncGenerator<Uint8Array> {
		const { path, stats } = entry;
		const first = this.#firstNames.of(stats);
		if (first !== undefined) return yield* this.#member(entry, 'hardLink', { linkTarget: first });
		const display = displayPath(path, this.#selection);
		if (stats.size <= WHOLE_FILE_BYTES) {
			const read = this.#guarded(entry, () => ({ whole: readWhole(entry.fullPath, display) }));
			if (read === undefined) return;
			if (read.whole !== undefined) {
				const { content, stats: now, sparse } = read.whole;
				const file = { ...entry, stats: now };
				yield* this.#member(file, 'file', { size: content.length, sparse });
				for (const { offset, bytes } of sparse ?? [{ offset: 0, bytes: content.length }]) {
					yield* this.#output.put(content.subarray(offset, offset + bytes));
				}
				return yield* this.#fileEnd(file, content.length, sparse);
			}
		}
		yield* this.#largeFile(entry, display);
	}

	async *#largeFile(entry: TreeEntry, display: string): AsyncGenerator<Uint8Array> {
		const file = this.#guarded(entry, () => new LargeFile(entry.fullPath, display));
		if (file === undefined) return;
		try {
			const { signal } = this.#context;
			const found = await this.#guardedAsync(entry, async () => await file.findHoles(signal));
			if (found === undefined) return;
			const opened = { ...entry, stats: file.stats };
			const size = Number(file.stats.size);
			yield* this.#member(opened, 'file', { size, sparse: found.value });
			yield* this.#largeContent(opened, file, found.value);
			yield* this.#fileEnd(opened, size, found.value);
		} finally {
			file.close();
		}
	}

	/** From here on a problem cannot be skipped any more: the member stands in the archive. */
	async *#largeContent(
		{ path }: TreeEntry,
		file: LargeFile,
		sparse: SparseMap | undefined,
	): AsyncGenerator<Uint8Array> {
		const chunks = file.chunks(sparse);
		let turn = 0;
		for (;;) {
			throwIfAborted(this.#context.signal);
			const next = guarded(path, this.#selection, NO_SKIPS, () => chunks.next());
			if (next === undefined || next.done === true) return;
			yield* this.#output.put(next.value);
			if (++turn % CHUNKS_PER_TURN === 0) await immediate();
		}
	}

	*#fileEnd(
		{ path, stats }: TreeEntry,
		size: number,
		sparse: SparseMap | undefined,
	): Generator<Uint8Array> {
		yield* this.#output.zeros(paddingOf(storedSize({ size, sparse })));
		if (sparse !== undefined) this.#sparseFiles++;
		this.#firstNames.add(stats, `./${path}`);
	}

	*#member(
		{ path, stats }: TreeEntry,
		type: Member['type'],
		special: {
			readonly linkTarget?: string;
			readonly size?: number;
			readonly sparse?: SparseMap | undefined;
		} = {},
	): Generator<Uint8Array> {
		const suffix = type === 'folder' ? '/' : '';
		const { linkTarget = '', size = 0, sparse } = special;
		const member: Member = {
			type,
			name: path === '' ? './' : `./${path}${suffix}`,
			linkTarget,
			mode: Number(stats.mode & 0o7777n),
			uid: Number(stats.uid),
			gid: Number(stats.gid),
			mtime: stats.mtimeNs,
			size,
			...(sparse === undefined ? {} : { sparse }),
		};
		this.#tally.add(member);
		yield* this.#output.put(memberHeader(member));
	}

	#guarded<T>({ path }: TreeEntry, operation: () => T): T | undefined {
		return guarded(path, this.#selection, this.#skips, operation);
	}

	async #guardedAsync<T>(
		{ path }: TreeEntry,
		operation: () => Promise<T>,
	): Promise<{ readonly value: T } | undefined> {
		try {
			return { value: await operation() };
		} catch (error) {
			throwIfAborted(this.#context.signal);
			return guarded(path, this.#selection, this.#skips, () => {
				throw error;
			});
		}
	}
}

const NO_SKIPS = new SkipLog(() => 'abort');

/**
 * Archives a folder as a pax tar with members `./…`: folders, files, symbolic and hard links with their
 * exact targets, modes, owners, and times to the nanosecond; of sparse files what is not zeros. Two
 * archives of the same tree are equal byte for byte.
 *
 * Throws while it is read: `tree_entry_unreadable`, `tree_entry_changed`, `tree_entry_unsupported` and
 * `path_blocked` unless the selection lets such entries be skipped, `invalid_option`, `cancelled`. A file
 * above 1 MiB that changes while it is read is always thrown: its beginning stands in the archive.
 */
export async function archiveTree(
	selection: TreeSelection,
	context: ArchiveContext,
): Promise<ByteSource<TreeSummary>> {
	const archiver = new Archiver(selection, context);
	return { chunks: archiver.chunks(), summary: () => archiver.summary() };
}
