import { statfsSync } from 'node:fs';

import { EngineError } from '../core/index.ts';

const MB = 1_000_000;
/** How far a restore may write between two looks at the room that is left. */
const LOOK_BYTES = 64 * MB;
const LOOK_ENTRIES = 10_000;
/** What other programs on this file system (a database, n8n's own) are left with. */
const RESERVE_BYTES = 64 * MB;
const RESERVE_ENTRIES = 1000;

function noRoom(displayPath: string, what: string, remedy: string): EngineError {
	return new EngineError('disk_full', `The file system of ${displayPath} ${what}`, {
		remedy,
		details: { path: displayPath },
	});
}

function inMb(bytes: number): string {
	return Math.ceil(bytes / MB).toLocaleString('en-US');
}

/** Throws `disk_full` unless the file system of a folder has room for so many bytes. */
export function assertFreeSpace(folder: string, displayPath: string, needed: number): void {
	const { bavail, bsize } = statfsSync(folder);
	const free = bavail * bsize;
	if (free >= needed) return;
	throw noRoom(
		displayPath,
		`has ${inMb(free)} MB free, the archive needs ${inMb(needed)} MB`,
		'Free space there. A file root that is replaced is kept beside the new one.',
	);
}

/**
 * Watches the room while an archive is extracted whose size nobody knows: a small file may unpack to
 * more than any disk holds.
 */
export class SpaceWatch {
	readonly #folder: string;
	readonly #displayPath: string;
	#bytes = 0;
	#entries = 0;

	constructor(folder: string, displayPath: string) {
		this.#folder = folder;
		this.#displayPath = displayPath;
	}

	/** Throws `disk_full` before anybody else on this file system feels it. */
	made(entries: number, bytes: number): void {
		this.#entries += entries;
		this.#bytes += bytes;
		if (this.#bytes < LOOK_BYTES && this.#entries < LOOK_ENTRIES) return;
		this.#bytes = 0;
		this.#entries = 0;
		const { bavail, bsize, files, ffree } = statfsSync(this.#folder);
		const remedy = 'The archive unpacks to more than there is room for. Nothing of it was kept.';
		if (bavail * bsize < RESERVE_BYTES) {
			throw noRoom(this.#displayPath, `has less than ${inMb(RESERVE_BYTES)} MB left`, remedy);
		}
		if (files > 0 && ffree < RESERVE_ENTRIES) {
			throw noRoom(this.#displayPath, 'cannot take more files', remedy);
		}
	}
}
