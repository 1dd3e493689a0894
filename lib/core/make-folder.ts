import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { systemErrorCode } from './system-errors.ts';

const PRIVATE = 0o700;

/**
 * Makes a folder and those above it that are missing; returns the topmost that was made, if any. Level by
 * level, because Node.js's `recursive` reports a read-only file system as a missing folder.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
	const parent = dirname(path);
	let firstMade: string | undefined;
	if (parent !== path && !(await exists(parent))) firstMade = await makeFolder(parent);
	try {
		await mkdir(path, { mode: PRIVATE });
		return firstMade ?? path;
	} catch (error) {
		if (systemErrorCode(error) === 'EEXIST') return firstMade;
		throw error;
	}
}

async function exists(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return false;
		throw error;
	}
}
