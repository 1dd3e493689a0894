import { execFileSync } from 'node:child_process';

import { onTestFinished } from 'vitest';

import { temporaryFolder } from './temporary-folder.ts';

/** Only root may mount; CI is root, so that the tests of a full disk always run there. */
export const CAN_MOUNT = process.getuid?.() === 0 || process.env.CI === 'true';

/** A file system of its own with room for `kilobytes`, gone when the test ends. */
export async function smallDisk(kilobytes: number, options = ''): Promise<string> {
	const path = await temporaryFolder();
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k${options}`, 'tmpfs', path]);
	onTestFinished(() => void execFileSync('umount', ['-l', path]));
	return path;
}
