import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';

/**
 * The folder `path`, made by `make` if it does not exist. `make` works in a temporary folder that gets
 * its name when it is done, so that a half-made one is never used. Of two processes that make it at the
 * same time one wins; the other throws its own away.
 */
export async function madeOnce(
	path: string,
	make: (folder: string) => Promise<void>,
): Promise<string> {
	if (existsSync(path)) return path;
	const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
	await mkdir(temporary, { recursive: true });
	try {
		await make(temporary);
		await rename(temporary, path).catch((error: unknown) => {
			if (!existsSync(path)) throw error;
		});
	} finally {
		await rm(temporary, { recursive: true, force: true });
	}
	return path;
}
