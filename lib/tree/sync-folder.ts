import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes renames in a folder durable. */
export function syncFolder(path: string): void {
	const fd = openSync(path, 'r');
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}
