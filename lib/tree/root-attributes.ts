import { chmodSync, chownSync, lstatSync, utimesSync } from 'node:fs';

/** What a root has beside its entries. */
export interface RootAttributes {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Seconds. */
	readonly mtime: number;
}

export function attributesOf(folder: string): RootAttributes {
	const { mode, uid, gid, mtimeMs } = lstatSync(folder);
	return { mode: mode & 0o7777, uid, gid, mtime: mtimeMs / 1000 };
}

/** As far as this process may: the folder may be a mount point of somebody else's. */
export function setAttributes(folder: string, { mode, uid, gid, mtime }: RootAttributes): void {
	for (const set of [
		() => chownSync(folder, uid, gid),
		() => chmodSync(folder, mode),
		() => utimesSync(folder, mtime, mtime),
	]) {
		try {
			set();
		} catch {
			// Then it keeps what it has.
		}
	}
}
