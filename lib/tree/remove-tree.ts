import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';

import { systemErrorCode } from '../core/index.ts';

/** Gives the owner all rights to a folder and those in it; links are left alone. */
function open(path: Buffer): void {
	if (!lstatSync(path).isDirectory()) return;
	chmodSync(path, 0o700);
	for (const name of readdirSync(path, 'buffer')) {
		open(Buffer.concat([path, Buffer.from('/'), name]));
	}
}

/** Removes a file or folder, also one whose folders were restored without the right to remove anything. */
export function removeTree(path: string | Buffer): void {
	try {
		rmSync(path, { recursive: true, force: true });
	} catch (error) {
		if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(systemErrorCode(error) ?? '')) throw error;
		open(Buffer.from(path));
		rmSync(path, { recursive: true, force: true });
	}
}
