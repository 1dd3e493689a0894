import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { systemErrorCode } from '../core/index.ts';
import type { BytePath } from './byte-path.ts';
import { syncFolder } from './sync-folder.ts';

/** What a swap is about to do: written before the first rename, so that the next run can end it. */
export interface SwapJournal {
	/** The folder that becomes the root, or whose entries do; below the layout's base. */
	readonly from: string;
	/** What the root, or the folder for its entries, is called afterwards. */
	readonly keepAs: string;
	/** Inside only: the entries of the root before. */
	readonly old: readonly BytePath[];
	/** Inside only: mode, owner and time of the root before, and of what takes its place. */
	readonly before: RootAttributes;
	readonly after: RootAttributes;
	/** Inside only: all old entries have been moved away. */
	readonly isEmptied: boolean;
}

export interface RootAttributes {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Seconds. */
	readonly mtime: number;
}

const JOURNAL = 'journal';

/** Replaces the journal in a staging folder by rename, durably: it is there as a whole or not at all. */
export function writeJournal(staging: string, journal: SwapJournal): void {
	const next = join(staging, `${JOURNAL}.next`);
	writeFileSync(next, JSON.stringify(journal), { flush: true });
	renameSync(next, join(staging, JOURNAL));
	syncFolder(staging);
}

/** `undefined` when the swap had not begun. */
export function readJournal(staging: string): SwapJournal | undefined {
	try {
		return JSON.parse(readFileSync(join(staging, JOURNAL), 'utf8')) as SwapJournal;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return undefined;
		throw error;
	}
}
