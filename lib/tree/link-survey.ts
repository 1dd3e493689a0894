import { statSync } from 'node:fs';
import { posix } from 'node:path';

import { systemErrorCode } from '../core/index.ts';
import { type BytePath, fromText, parentOf, toText } from './byte-path.ts';

const EXAMPLES_MAX = 20;

/** What the manifest says about symbolic links. Their targets' content is not in the archive. */
export interface LinkSummary {
	/** Links whose target lies outside of the archived folder. */
	readonly linksOutside: number;
	/** Links whose target does not exist where the archive was made. */
	readonly danglingLinks: number;
	/** Links that were followed: what they lead to stands under their names. */
	readonly followedLinks: number;
	/** Links into a folder to be followed that lead back to a folder above them: kept as links. */
	readonly linkLoops: number;
	readonly linkLoopExamples: readonly string[];
	/** The first few of each, as `path → target`. */
	readonly linksOutsideExamples: readonly string[];
	readonly danglingLinkExamples: readonly string[];
}

/** Collects facts about the links of a tree. */
export class LinkSurvey {
	readonly #root: BytePath;
	readonly #outside: string[] = [];
	readonly #dangling: string[] = [];
	readonly #loops: string[] = [];
	#outsideCount = 0;
	#followedCount = 0;
	#loopCount = 0;
	#danglingCount = 0;

	constructor(displayRoot: string) {
		this.#root = fromText(displayRoot);
	}

	add(path: BytePath, target: BytePath, fullPath: Buffer): void {
		const example = `${toText(path)} → ${toText(target)}`;
		if (!this.#isInside(path, target)) {
			this.#outsideCount++;
			if (this.#outside.length < EXAMPLES_MAX) this.#outside.push(example);
		}
		if (isDangling(fullPath)) {
			this.#danglingCount++;
			if (this.#dangling.length < EXAMPLES_MAX) this.#dangling.push(example);
		}
	}

	addFollowed(): void {
		this.#followedCount++;
	}

	addLoop(path: BytePath): void {
		this.#loopCount++;
		if (this.#loops.length < EXAMPLES_MAX) this.#loops.push(toText(path));
	}

	summary(): LinkSummary {
		return {
			followedLinks: this.#followedCount,
			linkLoops: this.#loopCount,
			linkLoopExamples: this.#loops,
			linksOutside: this.#outsideCount,
			danglingLinks: this.#danglingCount,
			linksOutsideExamples: this.#outside,
			danglingLinkExamples: this.#dangling,
		};
	}

	#isInside(path: BytePath, target: BytePath): boolean {
		const absolute = posix.resolve(this.#root, parentOf(path), target);
		return absolute === this.#root || absolute.startsWith(`${this.#root}/`);
	}
}

function isDangling(fullPath: Buffer): boolean {
	try {
		statSync(fullPath);
		return false;
	} catch (error) {
		// A target that exists but may not be looked at does not dangle.
		return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemErrorCode(error) ?? '');
	}
}
