import { type BigIntStats, realpathSync, statSync } from 'node:fs';

import { type BytePath, fromText, toBuffer } from './byte-path.ts';

/** A folder by what the file system knows it by, and the one it was reached through. */
export interface Ancestor {
	readonly device: bigint;
	readonly inode: bigint;
	readonly parent: Ancestor | undefined;
}

/** What a link leads to: another place that is archived under the link's name. */
export interface LinkDestination {
	/** Absolute and without links. */
	readonly realPath: BytePath;
	readonly stats: BigIntStats;
}

/** Decides which links are followed: those whose real target lies in one of some folders. */
export class FollowedLinks {
	readonly #folders: readonly BytePath[];

	constructor(folders: readonly string[]) {
		this.#folders = folders.map((folder) => fromText(folder));
	}

	/** `undefined` for a link that is kept: it leads elsewhere, or nowhere. */
	destination(fullPath: Buffer): LinkDestination | undefined {
		if (this.#folders.length === 0) return undefined;
		try {
			const realPath = realpathSync.native(fullPath, 'buffer').toString('latin1');
			if (!this.#folders.some((folder) => isBelow(realPath, folder))) return undefined;
			return { realPath, stats: statSync(toBuffer(realPath), { bigint: true }) };
		} catch {
			// It dangles, or what it leads to may not be looked at: the link itself is what there is.
			return undefined;
		}
	}
}

function isBelow(path: BytePath, folder: BytePath): boolean {
	return path === folder || folder === '/' || path.startsWith(`${folder}/`);
}

/** Whether a folder is one of those that led to it. */
export function isLoop({ dev, ino }: BigIntStats, ancestors: Ancestor | undefined): boolean {
	for (let at = ancestors; at !== undefined; at = at.parent) {
		if (at.device === dev && at.inode === ino) return true;
	}
	return false;
}
