import { statfsSync } from 'node:fs';

import { EngineError } from '../core/index.ts';

const MB = 1_000_000;

/** Throws `disk_full` unless the file system of a folder has room for so many bytes. */
export function assertFreeSpace(folder: string, displayPath: string, needed: number): void {
	const { bavail, bsize } = statfsSync(folder);
	const free = bavail * bsize;
	if (free >= needed) return;
	const [need, have] = [needed, free].map((bytes) => Math.ceil(bytes / MB).toLocaleString('en-US'));
	throw new EngineError(
		'disk_full',
		`The file system of ${displayPath} has ${have} MB free, the archive needs ${need} MB`,
		{
			remedy: 'Free space there. A file root that is replaced is kept beside the new one.',
			details: { path: displayPath, needed, free },
		},
	);
}
