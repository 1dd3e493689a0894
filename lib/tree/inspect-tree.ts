import { accessSync, constants, readlinkSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';

import type { SkippedItem } from '../core/index.ts';
import type { ArchiveContext } from './archive-tree.ts';
import { toText } from './byte-path.ts';
import { entryKind, readRemedy, unsupportedEntry } from './entry-errors.ts';
import { FirstNames } from './first-names.ts';
import { type FolderSize, LargestFolders } from './largest-folders.ts';
import { type LinkSummary, LinkSurvey } from './link-survey.ts';
import { type MemberCounts, MemberTally } from './member.ts';
import { type FilterSummary, TreeFilter, type TreeSelection } from './selection.ts';
import { SkipLog } from './skip-log.ts';
import { type TreeEntry, displayPath, guarded, walk } from './walk.ts';

/** What an archive would hold, and what it would stumble over. Plain data. */
export interface TreeInspection extends MemberCounts, LinkSummary, FilterSummary {
	readonly root: string;
	/** What the files take on the disk: less than `contentBytes` where there are holes. */
	readonly diskBytes: number;
	readonly largestFolders: readonly FolderSize[];
	/** Numbers of entries that would end the archive, or be skipped. */
	readonly blockedEntries: number;
	readonly unreadableEntries: number;
	readonly unsupportedEntries: number;
	/** The first of each. */
	readonly problems: readonly SkippedItem[];
	/** Commands that make everything readable; only when something is not. */
	readonly readRemedy?: string;
}

const ENTRIES_PER_TURN = 256;
const STAT_BLOCK_BYTES = 512;

class Inspector {
	readonly #selection: TreeSelection;
	readonly #context: ArchiveContext;
	readonly #filter: TreeFilter;
	readonly #skips: SkipLog;
	readonly #tally = new MemberTally();
	readonly #links: LinkSurvey;
	readonly #firstNames = new FirstNames();
	readonly #folders = new LargestFolders();
	#diskBytes = 0;

	constructor(selection: TreeSelection, context: ArchiveContext) {
		this.#selection = { ...selection, onProblem: 'skip', onBlocked: 'skip' };
		this.#context = context;
		this.#filter = new TreeFilter(selection);
		this.#skips = new SkipLog(() => 'skip');
		this.#links = new LinkSurvey(selection.displayRoot);
	}

	async run(): Promise<TreeInspection> {
		const { paths, signal, progress } = this.#context;
		const context = { paths, signal, filter: this.#filter, skips: this.#skips };
		let turn = 0;
		for await (const entry of walk(this.#selection, context)) {
			this.#entry(entry);
			if (turn++ % ENTRIES_PER_TURN !== 0) continue;
			await immediate();
			const done = this.#tally.entries;
			progress.report({ phase: 'check', done, unit: 'entries', item: toText(entry.path) });
		}
		const { displayRoot } = this.#selection;
		const counts = this.#skips.counts();
		const unreadableEntries = counts.get('tree_entry_unreadable') ?? 0;
		return {
			root: displayRoot,
			...this.#tally.counts(),
			diskBytes: this.#diskBytes,
			...this.#links.summary(),
			...this.#filter.summary(),
			largestFolders: this.#folders.result(),
			blockedEntries: counts.get('path_blocked') ?? 0,
			unreadableEntries,
			unsupportedEntries: counts.get('tree_entry_unsupported') ?? 0,
			problems: this.#skips.summary().skipped,
			...(unreadableEntries === 0 ? {} : { readRemedy: readRemedy(displayRoot) }),
		};
	}

	#entry(entry: TreeEntry): void {
		const { path, stats } = entry;
		if (entry.isFollowed) this.#links.addFollowed();
		if (entry.isLoop) this.#links.addLoop(path);
		if (stats.isFile()) this.#file(entry);
		else if (stats.isSymbolicLink()) this.#link(entry);
		else if (stats.isDirectory()) {
			this.#folders.enter(path);
			this.#tally.add({ type: 'folder', size: 0 });
		} else {
			const display = displayPath(path, this.#selection);
			this.#skips.meet(unsupportedEntry(display, entryKind(stats)), display);
		}
	}

	#link({ path, fullPath }: TreeEntry): void {
		const target = guarded(path, this.#selection, this.#skips, () =>
			readlinkSync(fullPath, 'latin1'),
		);
		if (target === undefined) return;
		this.#links.add(path, target, fullPath);
		this.#tally.add({ type: 'symbolicLink', size: 0 });
	}

	#file({ path, fullPath, stats }: TreeEntry): void {
		if (this.#firstNames.of(stats) !== undefined) {
			return this.#tally.add({ type: 'hardLink', size: 0 });
		}
		const isReadable = guarded(path, this.#selection, this.#skips, () => {
			accessSync(fullPath, constants.R_OK);
			return true;
		});
		if (isReadable === undefined) return;
		const size = Number(stats.size);
		this.#tally.add({ type: 'file', size });
		this.#diskBytes += Number(stats.blocks) * STAT_BLOCK_BYTES;
		this.#folders.addFile(path, size);
		this.#firstNames.add(stats, `./${path}`);
	}
}

/**
 * Looks at everything that an archive of the same selection would hold, and reads and writes nothing.
 * Problems do not end it: they are its result. Throws `invalid_option`, `cancelled`, and what is wrong
 * with the root itself.
 */
export async function inspectTree(
	selection: TreeSelection,
	context: ArchiveContext,
): Promise<TreeInspection> {
	return await new Inspector(selection, context).run();
}
