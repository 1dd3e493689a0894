import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { EngineError, systemErrorCode } from '../core/index.ts';
import type { BytePath } from './byte-path.ts';
import { isKeptName } from './kept-roots.ts';
import type { RootAttributes } from './root-attributes.ts';
import type { SwapLayout } from './root-place.ts';
import { syncFolder } from './sync-folder.ts';

/** What a swap is about to do: written before the first rename, so that the next run can end it. */
export interface SwapJournal {
	/** The folder that becomes the root, or whose entries do; below the layout's base. */
	readonly from: string;
	/** What the root, or the folder for its entries, is called afterwards. */
	readonly keepAs: string;
	/** Of the folder that is the root afterwards: inode and time of birth. */
	readonly identity: string;
	/** Inside only: the entries of the root before. */
	readonly old: readonly BytePath[];
	/** Inside only: mode, owner and time of the root before, and of what takes its place. */
	readonly before: RootAttributes;
	readonly after: RootAttributes;
	/** Inside only: all old entries have been moved away. */
	readonly isEmptied: boolean;
}

/** What is new, in the folder that a run works in. */
export const CONTENT = 'content';
export const JOURNAL = 'journal';

/** Replaces the journal in a staging folder by rename, durably: it is there as a whole or not at all. */
export function writeJournal(staging: string, journal: SwapJournal): void {
	const next = join(staging, `${JOURNAL}.next`);
	writeFileSync(next, JSON.stringify(journal), { flush: true });
	renameSync(next, join(staging, JOURNAL));
	syncFolder(staging);
}

/**
 * Reads a journal, wherever it lies by now; `undefined` when there is none. Throws `tree_entry_unsafe`
 * when it would move anything but roots: then it is not ours.
 */
export function readJournal(path: string, layout: SwapLayout): SwapJournal | undefined {
	try {
		const journal = parseJournal(readFileSync(path, 'utf8'), layout);
		if (journal !== undefined) return journal;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return undefined;
		if (!(error instanceof SyntaxError)) throw error;
	}
	const shown = join(layout.displayBase, relative(layout.base, path));
	throw new EngineError(
		'tree_entry_unsafe',
		`${shown} is no journal of a restore, although it has the name of one`,
		{ remedy: 'Nothing was changed. Look at it, and remove it.', details: { path: shown } },
	);
}

function parseJournal(text: string, layout: SwapLayout): SwapJournal | undefined {
	const journal = JSON.parse(text) as Partial<SwapJournal> | null;
	const { from, keepAs, identity, old, before, after, isEmptied } = journal ?? {};
	if (typeof from !== 'string' || typeof keepAs !== 'string') return undefined;
	if (from !== `${layout.staging}/${CONTENT}` && !isKeptName(layout, from)) return undefined;
	if (!isKeptName(layout, keepAs) || typeof identity !== 'string') return undefined;
	if (!Array.isArray(old) || !old.every(isPlainName)) return undefined;
	if (!isAttributes(before) || !isAttributes(after) || typeof isEmptied !== 'boolean') {
		return undefined;
	}
	return { from, keepAs, identity, old, before, after, isEmptied };
}

function isPlainName(name: unknown): name is BytePath {
	return typeof name === 'string' && !/^\.{0,2}$|[/\0]/.test(name);
}

function isAttributes(value: RootAttributes | undefined): value is RootAttributes {
	const { mode, uid, gid, mtime } = value ?? {};
	return [mode, uid, gid, mtime].every((number) => typeof number === 'number');
}
