import { readlinkSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';

import {
	type ByteSink,
	type ByteSource,
	type EngineContext,
	EngineError,
	type PathPolicyPort,
} from '../core/index.ts';
import { ArchiveIndex } from './archive-index.ts';
import { type BytePath, toText } from './byte-path.ts';
import { contentDigest } from './content-digest.ts';
import { entryKind, unsupportedEntry } from './entry-errors.ts';
import { FileArchiver } from './file-archiver.ts';
import { FirstNames } from './first-names.ts';
import { Increment, type IncrementBase, type IncrementSummary } from './increment.ts';
import { type LinkTarget, lineHead, lineOf, parseLine } from './index-lines.ts';
import { linkEnd, linkEndWithHash } from './link-end.ts';
import { type LinkSummary, LinkSurvey } from './link-survey.ts';
import { type Member, type MemberCounts, MemberTally } from './member.ts';
import { archiveEnd, memberHeader } from './member-header.ts';
import { OutputBuffer } from './output-buffer.ts';
import { type FilterSummary, TreeFilter, type TreeSelection } from './selection.ts';
import { SkipLog, type SkipSummary, skipDecision } from './skip-log.ts';
import { selectionWarnings } from './selection-warnings.ts';
import { type MemberContent, memberOf } from './tree-member.ts';
import { type TreeEntry, displayPath, guarded, guardedAsync, walk } from './walk.ts';

export type ArchiveContext = EngineContext & { readonly paths: PathPolicyPort };

/** What the manifest records of an archive. Plain data. */
export interface TreeSummary extends MemberCounts, LinkSummary, FilterSummary, SkipSummary {
	/** The archived folder. */
	readonly root: string;
	/** Of the tar. */
	readonly bytes: number;
	/** Files of which only what is not zeros is stored. */
	readonly sparseFiles: number;
	/** Of an archive that holds only what changed; all other numbers are those of the whole tree. */
	readonly increment?: IncrementSummary;
	readonly warnings: readonly string[];
}

/** What is written beside an archive. */
export interface IndexOptions {
	/** Gets the index: every member with the SHA-512 of its content. */
	readonly sink: ByteSink;
	/** Which archive of a chain this one is; 0 when it holds everything. */
	readonly part: number;
	/** Absent: everything is stored. */
	readonly base?: IncrementBase;
	/** Whether to read what symbolic links lead to, for its SHA-512. */
	readonly hashesTargets?: boolean;
}

/** The thread looks for a cancel after so many entries, if it has not done so just before. */
const ENTRIES_PER_TURN = 64;
const TURN_MS = 5;

class Archiver {
	readonly #selection: TreeSelection;
	readonly #context: ArchiveContext;
	readonly #filter: TreeFilter;
	readonly #skips: SkipLog;
	readonly #tally = new MemberTally();
	readonly #links: LinkSurvey;
	readonly #firstNames = new FirstNames();
	readonly #output = new OutputBuffer();
	readonly #index: ArchiveIndex | undefined;
	readonly #increment: Increment | undefined;
	readonly #hashesTargets: boolean;
	readonly #files: FileArchiver;
	#sparseFiles = 0;
	#ended = false;

	constructor(selection: TreeSelection, context: ArchiveContext, index?: IndexOptions) {
		this.#selection = selection;
		this.#context = context;
		this.#filter = new TreeFilter(selection);
		this.#skips = new SkipLog(skipDecision(selection));
		this.#links = new LinkSurvey(selection.displayRoot);
		this.#hashesTargets = index?.hashesTargets === true;
		if (index !== undefined) {
			this.#index = new ArchiveIndex(index.sink, index.part, context.signal);
		}
		if (index?.base !== undefined) this.#increment = new Increment(index.base);
		this.#files = new FileArchiver({
			...{ selection, context, skips: this.#skips, output: this.#output, index: this.#index },
			begin: (entry, content) => this.#begin(entry, content),
			end: ({ path, stats }, { sparse }) => {
				if (sparse !== undefined) this.#sparseFiles++;
				this.#firstNames.add(stats, `./${path}`);
			},
		});
	}

	async *chunks(): AsyncGenerator<Uint8Array> {
		try {
			yield* this.#walk();
			await this.#increment?.end();
			await this.#index?.end();
			yield* this.#output.put(archiveEnd(this.#output.bytes));
			yield this.#output.end();
			this.#ended = true;
		} finally {
			this.#index?.close();
			await this.#increment?.close();
		}
	}

	summary(): TreeSummary {
		if (!this.#ended) throw new EngineError('internal', 'The archive has not been read to its end');
		const summary = {
			...this.#tally.counts(),
			...this.#links.summary(),
			...this.#filter.summary(),
			...this.#skips.summary(),
		};
		const increment = this.#increment?.summary();
		return {
			root: this.#selection.displayRoot,
			bytes: this.#output.bytes,
			...summary,
			sparseFiles: this.#sparseFiles,
			...(increment === undefined ? {} : { increment }),
			warnings: selectionWarnings(summary),
		};
	}

	async *#walk(): AsyncGenerator<Uint8Array> {
		const { paths, signal, progress } = this.#context;
		const context = { paths, signal, filter: this.#filter, skips: this.#skips };
		let turn = 0;
		let turned = 0;
		for await (const entry of walk(this.#selection, context)) {
			const passed = this.#passUnchanged(entry) || this.#quickFile(entry);
			if (passed === false) yield* this.#entry(entry);
			else if (passed !== true) await passed;
			if (turn++ % ENTRIES_PER_TURN !== 0) continue;
			await this.#index?.drain();
			const now = performance.now();
			if (now - turned < TURN_MS) continue;
			turned = now;
			await immediate();
			const done = this.#tally.entries;
			progress.report({ phase: 'archive', done, unit: 'entries', item: toText(entry.path) });
		}
	}

	/** Most entries of an incremental run: known to be as before without a wait. */
	#passUnchanged(entry: TreeEntry): boolean {
		const increment = this.#increment;
		const { path, stats } = entry;
		if (increment === undefined || increment.comparesContent) return false;
		if (!stats.isFile() || entry.isFollowed || stats.nlink > 1n) return false;
		const before = increment.peek(path);
		if (before === undefined) return false;
		const member = memberOf(entry, 'file', { size: Number(stats.size) });
		if (!increment.isSame(before, lineHead(member, path, stats.ctimeNs), 'file')) return false;
		increment.pass();
		this.#pass(entry, member, before);
		return true;
	}

	/** Most entries of a full archive. Wait for the promise, if there is one. */
	#quickFile(entry: TreeEntry): boolean | Promise<void> {
		const { path, stats } = entry;
		if (this.#increment !== undefined || entry.isFollowed) return false;
		if (!stats.isFile() || stats.nlink > 1n) return false;
		const member = memberOf(entry, 'file', { size: Number(stats.size) });
		const content = this.#files.quick(entry, member);
		if (content === undefined) return false;
		this.#tally.add(member);
		return this.#index?.file(lineHead(member, path, stats.ctimeNs), content) ?? true;
	}

	/** An unchanged file. */
	#pass({ path, stats }: TreeEntry, member: Member, before: string): void {
		this.#tally.add(member);
		this.#index?.add(before);
		this.#increment?.addUnchanged();
		this.#firstNames.add(stats, `./${path}`);
	}

	async *#entry(entry: TreeEntry): AsyncGenerator<Uint8Array> {
		const { stats } = entry;
		if (entry.isFollowed) this.#links.addFollowed();
		if (entry.isLoop) this.#links.addLoop(entry.path);
		if (stats.isFile()) yield* this.#file(entry);
		else if (stats.isDirectory()) yield* this.#plain(entry, memberOf(entry, 'folder'));
		else if (stats.isSymbolicLink()) yield* this.#link(entry);
		else {
			const display = displayPath(entry.path, this.#selection);
			this.#skips.meet(unsupportedEntry(display, entryKind(stats)), display);
		}
	}

	async *#link(entry: TreeEntry): AsyncGenerator<Uint8Array> {
		const { path, fullPath } = entry;
		const target = guarded(path, this.#selection, this.#skips, () =>
			readlinkSync(fullPath, 'buffer'),
		);
		if (target === undefined) return;
		const linkTarget = target.toString('latin1');
		this.#links.add(path, linkTarget, fullPath);
		const end = await this.#linkEnd(fullPath);
		yield* this.#plain(entry, memberOf(entry, 'symbolicLink', { linkTarget }), end);
	}

	async #linkEnd(fullPath: Buffer): Promise<LinkTarget | undefined> {
		if (this.#index === undefined) return undefined;
		return this.#hashesTargets ? await linkEndWithHash(fullPath, this.#context) : linkEnd(fullPath);
	}

	/** What has no content of its own. */
	async *#plain(entry: TreeEntry, member: Member, end?: LinkTarget): AsyncGenerator<Uint8Array> {
		const { path, stats } = entry;
		const head = lineHead(member, path, stats.ctimeNs);
		const before = await this.#increment?.before(path);
		this.#tally.add(member);
		this.#index?.add(lineOf(head, end));
		if (this.#increment?.isSame(before, head, member.type) === true) {
			if (member.type === 'folder') this.#increment.hold(path, member);
			return;
		}
		await this.#increment?.replaced(before, member.type, path);
		yield* this.#put(path, member);
	}

	async *#file(entry: TreeEntry): AsyncGenerator<Uint8Array> {
		const { path, stats } = entry;
		const linkTarget = this.#firstNames.of(stats);
		if (linkTarget !== undefined) {
			return yield* this.#plain(entry, memberOf(entry, 'hardLink', { linkTarget }));
		}
		const before = await this.#increment?.before(path);
		if (before !== undefined && (await this.#isUnchanged(entry, before))) return;
		const stored = this.#tally.entries;
		yield* this.#files.chunks(entry);
		if (this.#increment === undefined) return;
		if (this.#tally.entries > stored) await this.#increment.replaced(before, 'file', path);
		else await this.#increment.leftOut(before, path);
	}

	async #isUnchanged(entry: TreeEntry, before: string): Promise<boolean> {
		const { path, stats, fullPath } = entry;
		const member = memberOf(entry, 'file', { size: Number(stats.size) });
		const head = lineHead(member, path, stats.ctimeNs);
		if (this.#increment?.isSame(before, head, 'file') !== true) return false;
		if (this.#increment.comparesContent) {
			const { signal } = this.#context;
			const what = { selection: this.#selection, skips: this.#skips, signal };
			const display = displayPath(path, this.#selection);
			const hash = async () => await contentDigest(fullPath, display, signal);
			const digest = await guardedAsync(path, what, hash);
			// One that cannot be read is met again as a problem when it is to be stored.
			if (digest?.value !== parseLine(before).sha512) return false;
		}
		this.#pass(entry, member, before);
		return true;
	}

	*#begin(entry: TreeEntry, content: MemberContent): Generator<Uint8Array> {
		const member = memberOf(entry, 'file', content);
		this.#tally.add(member);
		this.#index?.beginFile(lineHead(member, entry.path, entry.stats.ctimeNs));
		yield* this.#put(entry.path, member);
	}

	/** The header, and before it those of the folders above that the archive lacks. */
	*#put(path: BytePath, member: Member): Generator<Uint8Array> {
		for (const folder of this.#increment?.folders(path) ?? []) {
			yield* this.#output.put(memberHeader(folder));
		}
		this.#increment?.addStored(member);
		yield* this.#output.put(memberHeader(member));
	}
}

/**
 * Archives a folder as a pax tar with members `./…`: folders, files, symbolic and hard links with their
 * exact targets, modes, owners, and times to the nanosecond; of sparse files what is not zeros. Two
 * archives of the same tree are equal byte for byte. With `index`, an index is written beside it, and with
 * a base only what changed since is in the archive.
 *
 * Throws while it is read: `tree_entry_unreadable`, `tree_entry_changed`, `tree_entry_unsupported` and
 * `path_blocked` unless the selection lets such entries be skipped, `invalid_option`, `cancelled`. A file
 * above 1 MiB that changes while it is read is always thrown: its beginning stands in the archive.
 */
export async function archiveTree(
	selection: TreeSelection,
	context: ArchiveContext,
	index?: IndexOptions,
): Promise<ByteSource<TreeSummary>> {
	const archiver = new Archiver(selection, context, index);
	return { chunks: archiver.chunks(), summary: () => archiver.summary() };
}
