import { type BigIntStats, lstatSync } from 'node:fs';

import { type PathPolicyPort, throwIfAborted } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';
import { blockedEntries, changedEntry, entryError } from './entry-errors.ts';
import { FolderLister, type ListedFolder } from './folder-lister.ts';
import { type Ancestor, FollowedLinks, isLoop } from './followed-links.ts';
import { OWN_NAME } from './root-place.ts';
import type { TreeFilter, TreeSelection } from './selection.ts';
import type { SkipLog } from './skip-log.ts';
import { STAGING } from './staging-folder.ts';

/** Something found in the tree. */
export interface TreeEntry {
	/** Below the root; empty for the root itself. */
	readonly path: BytePath;
	/** To be opened: of a followed link, what it leads to. */
	readonly fullPath: Buffer;
	readonly stats: BigIntStats;
	/** A link that leads to a folder which leads to the link: it is kept as a link. */
	readonly isLoop: boolean;
	/** A link that was followed. */
	readonly isFollowed: boolean;
}

export interface WalkContext {
	readonly paths: PathPolicyPort;
	readonly signal: AbortSignal;
	readonly filter: TreeFilter;
	readonly skips: SkipLog;
}

const BLOCKED_EXAMPLES = 20;
const BIGINT = { bigint: true } as const;

/** An entry to be looked at. */
interface Step {
	readonly path: BytePath;
	readonly fullPath: BytePath;
	/** Real path, for the policy. */
	readonly realPath: BytePath;
	readonly isBlocked: boolean;
	/** As its folder said; false when that is not known. */
	readonly isFolder: boolean;
	/** The folders above it; only as far as a link was followed, else nothing can loop. */
	readonly ancestors: Ancestor | undefined;
	/** Of the root, or of the last link that was followed. */
	readonly device: bigint | undefined;
}

function joined(folder: BytePath, name: BytePath): BytePath {
	return folder === '' ? name : `${folder}/${name}`;
}

/** An entry's path as the person knows it. */
export function displayPath(path: BytePath, { displayRoot }: TreeSelection): string {
	return path === '' ? displayRoot : `${displayRoot}/${toText(path)}`;
}

class Walker {
	readonly #selection: TreeSelection;
	readonly #context: WalkContext;
	readonly #links: FollowedLinks;
	readonly #restless: ReadonlySet<string>;
	readonly #waiting: Step[];
	readonly #lister: FolderLister;
	readonly #blocked: string[] = [];
	#blockedCount = 0;

	constructor(selection: TreeSelection, context: WalkContext) {
		this.#selection = selection;
		this.#context = context;
		this.#links = new FollowedLinks(selection.follow ?? []);
		this.#restless = new Set(selection.restless);
		const [fullPath, realPath] = [fromText(selection.root), fromText(selection.displayRoot)];
		const root = { path: '', fullPath, realPath, isBlocked: false, isFolder: true };
		// What restores keep or left at the top of a root is no part of it.
		const isOwn = (name: BytePath): boolean => OWN_NAME.test(name) || STAGING.test(name);
		this.#lister = new FolderLister(
			context.paths,
			(name, folder) => folder.fullPath === fullPath && isOwn(name),
		);
		this.#waiting = [{ ...root, ancestors: undefined, device: undefined }];
	}

	async *entries(): AsyncGenerator<TreeEntry> {
		for (let step = this.#waiting.pop(); step !== undefined; step = this.#waiting.pop()) {
			throwIfAborted(this.#context.signal);
			if (step.isBlocked) {
				if (this.#context.filter.takesBlocked(step.path)) this.#meetBlocked(step);
				continue;
			}
			const found = this.#stats(step);
			if (found === undefined) continue;
			// Most entries: no generator of their own.
			const entry = found.isFile() ? this.#fileEntry(step, found) : undefined;
			if (entry !== undefined) yield entry;
			else if (!found.isFile()) yield* this.#found(step, found);
		}
		if (this.#blockedCount > 0) throw blockedEntries(this.#blocked, this.#blockedCount);
	}

	#stats({ path, fullPath }: Step): BigIntStats | undefined {
		try {
			return lstatSync(toBuffer(fullPath), BIGINT);
		} catch (error) {
			return this.#guarded<BigIntStats>(path, () => {
				throw error;
			});
		}
	}

	#fileEntry({ path, fullPath }: Step, stats: BigIntStats): TreeEntry | undefined {
		if (!this.#context.filter.takes(path, stats) || this.#isRestless(path)) return undefined;
		// Once something is blocked nothing is archived any more; the rest is only counted.
		if (this.#blockedCount > 0) return undefined;
		return { path, fullPath: toBuffer(fullPath), stats, isLoop: false, isFollowed: false };
	}

	async *#found(step: Step, stats: BigIntStats): AsyncGenerator<TreeEntry> {
		const target = stats.isSymbolicLink()
			? this.#links.destination(toBuffer(step.fullPath))
			: undefined;
		if (target === undefined) return yield* this.#entry(step, stats);
		const ancestors = this.#guarded(step.path, () => this.#above(step));
		if (ancestors === undefined) return;
		if (target.stats.isDirectory() && isLoop(target.stats, ancestors)) {
			return yield* this.#entry(step, stats, { isLoop: true });
		}
		const { realPath } = target;
		const [isBlocked = true] = await this.#context.paths.blocked([toText(realPath)]);
		const followed = { ...step, fullPath: realPath, realPath, device: target.stats.dev };
		if (isBlocked) return this.#meetBlocked(followed);
		yield* this.#entry({ ...followed, ancestors }, target.stats, { isFollowed: true });
	}

	async *#entry(
		step: Step,
		stats: BigIntStats,
		how: { readonly isLoop?: boolean; readonly isFollowed?: boolean } = {},
	): AsyncGenerator<TreeEntry> {
		const { path } = step;
		if (!this.#context.filter.takes(path, stats)) return;
		if (this.#isRestless(path)) return;
		let listed: ListedFolder | undefined;
		if (stats.isDirectory() && this.#context.filter.enters(stats, step.device ?? stats.dev)) {
			listed = this.#guarded(path, () => this.#lister.list(step));
			// A folder that cannot be read is left out with all that is in it: empty would be a lie.
			if (listed === undefined) return;
		}
		const { isLoop: loops = false, isFollowed = false } = how;
		const entry = { path, fullPath: toBuffer(step.fullPath), stats, isLoop: loops, isFollowed };
		// Once something is blocked nothing is archived any more; the rest is only counted.
		if (this.#blockedCount === 0) yield entry;
		if (listed !== undefined) await this.#descend(step, stats, listed);
	}

	/** Whether an entry changed in earlier runs; that is a problem met. */
	#isRestless(path: BytePath): boolean {
		if (this.#restless.size === 0) return false;
		const display = displayPath(path, this.#selection);
		if (!this.#restless.has(display)) return false;
		this.#context.skips.meet(changedEntry(display), display);
		return true;
	}

	async #descend(step: Step, stats: BigIntStats, listed: ListedFolder): Promise<void> {
		const { names, folders } = listed;
		const blocked = await listed.blocked;
		const ancestors =
			step.ancestors === undefined
				? undefined
				: { device: stats.dev, inode: stats.ino, parent: step.ancestors };
		for (let index = names.length - 1; index >= 0; index--) {
			const name = names[index] ?? '';
			this.#waiting.push({
				path: joined(step.path, name),
				fullPath: joined(step.fullPath, name),
				realPath: joined(step.realPath, name),
				isBlocked: blocked[index] ?? true,
				isFolder: folders.has(name),
				ancestors,
				device: step.device ?? stats.dev,
			});
		}
		this.#lookAhead();
	}

	/** Lists the next folder while its neighbours are worked on, unless it may be one to stay out of. */
	#lookAhead(): void {
		if (!this.#context.filter.takesAll) return;
		const next = this.#waiting.findLast(({ isFolder }) => isFolder);
		if (next?.isBlocked === false) this.#lister.listAhead(next);
	}

	/** The folders above a link. They are looked up only when a link is followed. */
	#above(step: Step): Ancestor | undefined {
		if (step.ancestors !== undefined) return step.ancestors;
		let above: Ancestor | undefined;
		const base = fromText(this.#selection.root);
		const parts = step.fullPath.slice(base.length).split('/').slice(0, -1);
		parts.reduce((folder, part) => {
			const path = part === '' ? folder : `${folder}/${part}`;
			const { dev, ino } = lstatSync(toBuffer(path), { bigint: true });
			above = { device: dev, inode: ino, parent: above };
			return path;
		}, base);
		return above;
	}

	#meetBlocked({ realPath }: Step): void {
		const path = toText(realPath);
		if (this.#context.skips.skips('path_blocked')) {
			this.#context.skips.meet(blockedEntries([path], 1), path);
			return;
		}
		this.#blockedCount++;
		if (this.#blocked.length < BLOCKED_EXAMPLES) this.#blocked.push(path);
	}

	/** The result of a file operation, or `undefined` when its failure may be skipped. */
	#guarded<T>(path: BytePath, operation: () => T): T | undefined {
		return guarded(path, this.#selection, this.#context.skips, operation);
	}
}

/** Runs a file operation on an entry; `undefined` when it failed and that may be skipped. */
export function guarded<T>(
	path: BytePath,
	selection: TreeSelection,
	skips: SkipLog,
	operation: () => T,
): T | undefined {
	try {
		return operation();
	} catch (error) {
		const display = displayPath(path, selection);
		const problem = entryError(error, display, selection.displayRoot);
		// An archive without its root would be an empty one.
		if (path === '') throw problem;
		skips.meet(problem, display);
		return undefined;
	}
}

/** The same for an operation that takes its time; a cancel is never skipped. */
export async function guardedAsync<T>(
	path: BytePath,
	what: {
		readonly selection: TreeSelection;
		readonly skips: SkipLog;
		readonly signal: AbortSignal;
	},
	operation: () => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
	try {
		return { value: await operation() };
	} catch (error) {
		throwIfAborted(what.signal);
		return guarded(path, what.selection, what.skips, () => {
			throw error;
		});
	}
}

/**
 * Every wanted entry below a folder, the folder itself first, parents before what they contain. Links
 * are followed only into the folders that the selection names. Throws `tree_entry_unreadable`,
 * `tree_entry_changed` and `path_blocked` unless they may be skipped, and `cancelled`.
 */
export function walk(selection: TreeSelection, context: WalkContext): AsyncGenerator<TreeEntry> {
	return new Walker(selection, context).entries();
}
