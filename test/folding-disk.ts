import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { bundledProgram, debianFolder } from './servers/debian-packages.ts';
import { CAN_MOUNT } from './small-disk.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** File systems in user space need a device that some containers do not have. */
export const CAN_FOLD = CAN_MOUNT && existsSync('/dev/fuse');

const BYTES = 16 * 1024 * 1024;

/**
 * A file system that does not tell capital letters from small ones, as Windows shares do not: NTFS by a
 * program in user space, with links, modes and owners. It gives every name back in small letters.
 */
export async function foldingDisk(): Promise<string> {
	const folder = await temporaryFolder();
	const [disk, path] = [join(folder, 'disk'), join(folder, 'mounted')];
	writeFileSync(disk, '');
	truncateSync(disk, BYTES);
	mkdirSync(path);
	const root = await debianFolder({
		...{ name: 'debian-bookworm-ntfs-3g', suite: 'bookworm', packages: ['ntfs-3g'] },
	});
	const [make = '', ...makeArgs] = bundledProgram(root, 'sbin/mkntfs');
	execFileSync(make, [...makeArgs, '-F', '-q', '-Q', disk], { stdio: 'pipe' });
	const [mount = '', ...mountArgs] = bundledProgram(root, 'bin/lowntfs-3g');
	const options = ['-o', 'ignore_case,permissions', disk, path];
	execFileSync(mount, [...mountArgs, ...options], { stdio: 'pipe' });
	onTestFinished(() => void execFileSync('umount', ['-l', path]));
	return path;
}
