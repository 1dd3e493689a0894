import type { BigIntStats } from 'node:fs';

import ignore, { type Ignore } from 'ignore';

import { EngineError, type ProblemDecision } from '../core/index.ts';
import { type BytePath, toText } from './byte-path.ts';

/** A folder and what of it is wanted. Plain data. */
export interface TreeSelection {
	/** The folder as it is opened, e.g. `/proc/self/fd/21/.`. */
	readonly root: string;
	/** The folder as the person knows it. */
	readonly displayRoot: string;
	/** Links that lead into these folders (real paths) are archived as what they lead to. Default: none. */
	readonly follow?: readonly string[];
	/** Patterns of `.gitignore` for what is left out. Default: none. */
	readonly exclude?: readonly string[];
	/** Whether to stay out of file systems that are mounted below the root. Default: false. */
	readonly oneFileSystem?: boolean;
	/** Larger files are left out. Default: no limit. */
	readonly maxFileBytes?: number;
	/** Entries that change, cannot be read, or are sockets, pipes or devices. Default: abort. */
	readonly onProblem?: ProblemDecision;
	/** Entries that the policy for paths forbids. Default: abort. */
	readonly onBlocked?: ProblemDecision;
	/** Paths as the person knows them that are problems from the start: they changed in an earlier run. */
	readonly restless?: readonly string[];
}

/** What the filters left out. */
export interface FilterSummary {
	/** By pattern; a folder counts once. */
	readonly excludedEntries: number;
	readonly tooLargeFiles: number;
	/** Folders of another file system, themselves kept, their content left out. */
	readonly otherFileSystems: number;
}

/** The library remembers every path that it was asked about: a fresh one now and then keeps memory flat. */
const QUESTIONS_PER_MATCHER = 20_000;

/** The filters of a selection, counting what they leave out. */
export class TreeFilter {
	readonly #patterns: readonly string[];
	readonly #maxFileBytes: number;
	readonly #oneFileSystem: boolean;
	#matcher: Ignore;
	#questions = 0;
	#excluded = 0;
	#tooLarge = 0;
	#otherFileSystems = 0;

	/** Throws `invalid_option`. */
	constructor({ exclude = [], maxFileBytes = Infinity, oneFileSystem = false }: TreeSelection) {
		if (!(maxFileBytes >= 0)) {
			throw new EngineError('invalid_option', 'The largest size of a file is not a number', {
				remedy: 'Give a number of bytes, 0 or more.',
			});
		}
		this.#patterns = exclude;
		this.#maxFileBytes = maxFileBytes;
		this.#oneFileSystem = oneFileSystem;
		this.#matcher = this.#newMatcher();
	}

	/** Whether an entry is wanted; counts it if not. */
	takes(path: BytePath, stats: BigIntStats): boolean {
		if (path !== '' && this.#isExcluded(path, stats.isDirectory())) {
			this.#excluded++;
			return false;
		}
		if (stats.isFile() && stats.size > this.#maxFileBytes) {
			this.#tooLarge++;
			return false;
		}
		return true;
	}

	/** Whether every folder is wanted, with all that is in it. */
	get takesAll(): boolean {
		return this.#patterns.length === 0 && !this.#oneFileSystem;
	}

	/** For a name about whose kind nobody may ask. */
	takesBlocked(path: BytePath): boolean {
		const isExcluded = this.#isExcluded(path, false) || this.#isExcluded(path, true);
		if (isExcluded) this.#excluded++;
		return !isExcluded;
	}

	/** Whether to go into a folder; `device` is that of the root. */
	enters(stats: BigIntStats, device: bigint): boolean {
		if (!this.#oneFileSystem || stats.dev === device) return true;
		this.#otherFileSystems++;
		return false;
	}

	summary(): FilterSummary {
		return {
			excludedEntries: this.#excluded,
			tooLargeFiles: this.#tooLarge,
			otherFileSystems: this.#otherFileSystems,
		};
	}

	#newMatcher(): Ignore {
		return ignore({ ignorecase: false, allowRelativePaths: true }).add([...this.#patterns]);
	}

	#isExcluded(path: BytePath, isFolder: boolean): boolean {
		if (this.#patterns.length === 0) return false;
		if (++this.#questions % QUESTIONS_PER_MATCHER === 0) this.#matcher = this.#newMatcher();
		return this.#matcher.ignores(`${toText(path)}${isFolder ? '/' : ''}`);
	}
}
