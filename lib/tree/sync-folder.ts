import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes renames in a folder durable. */
export function syncFolder(path: string | Buffer): void {
	const fd = openSync(path, 'r');
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}
