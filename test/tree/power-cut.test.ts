import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { extractTree } from '../../lib/tree/index.ts';
import { CAN_MOUNT } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, archive, pieces } from './archive-bytes.ts';
import { treeDifferences } from './compare-trees.ts';

/*
 * A disk as a file: what is in it when a restore ends is what a power cut would leave. A copy of it is
 * mounted and compared.
 */

const CAN_MOUNT_FILES = CAN_MOUNT && existsSync('/dev/loop-control');
const FILES = 300;

let root: string;
let tar: Buffer;
beforeEach(async () => {
	root = await temporaryFolder();
	for (let index = 0; index < FILES; index++) {
		const folder = join(root, `folder ${index % 7}`);
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, `file ${index}`), `content ${index}`.repeat(index));
	}
	writeFileSync(join(root, 'large'), Buffer.alloc(3_000_000, 'large'));
	({ tar } = await archive(root));
});

function mounted(image: string, at: string, options: string): void {
	mkdirSync(at);
	execFileSync('mount', ['-o', `loop,${options}`, image, at]);
	onTestFinished(() => void execFileSync('umount', ['-l', at]));
}

/** What is left of a restored tree when the power fails right after it. */
async function afterPowerCut(options: string, durable: boolean): Promise<string[]> {
	const folder = await temporaryFolder();
	const at = (name: string): string => join(folder, name);
	writeFileSync(at('disk'), '');
	truncateSync(at('disk'), 32 * 1024 * 1024);
	execFileSync('mkfs.ext4', ['-q', at('disk')]);
	mounted(at('disk'), at('before'), options);
	const target = at('before/target');
	mkdirSync(target);
	const chunks = pieces(tar, 100_000);
	await extractTree({ target, displayTarget: target, chunks, durable }, CONTEXT);
	copyFileSync(at('disk'), at('copy'));
	mounted(at('copy'), at('after'), 'rw');
	if (!existsSync(at('after/target'))) return ['nothing is left'];
	// The time of the folder that was there before is set last of all.
	return treeDifferences(root, at('after/target')).filter((line) => !line.startsWith(': '));
}

describe.runIf(CAN_MOUNT_FILES)('a power cut after a restore', () => {
	it.each(['auto_da_alloc', 'noauto_da_alloc', 'data=writeback'])(
		'leaves every file whole on ext4 with %s',
		async (options) => {
			expect(await afterPowerCut(options, true)).toEqual([]);
		},
	);

	it('leaves less when the restore was told not to wait for the disk', async () => {
		expect((await afterPowerCut('auto_da_alloc', false)).length).toBeGreaterThan(0);
	});
});
