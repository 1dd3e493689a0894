import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	mkdirSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { archive } from './archive-bytes.ts';
import { whileRead } from './while-read.ts';

/*
 * A small file that changes in the very moment in which it is read. What is archived is one version of it
 * as a whole, or nothing; large files and whole jobs are in problems.test.ts.
 */

const SKIP = { onProblem: 'skip', onBlocked: 'skip' } as const;

let folder: string;
let root: string;
let path: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	[root, path] = [join(folder, 'root'), join(folder, 'root/busy')];
	mkdirSync(root);
	writeFileSync(join(root, 'quiet'), 'quiet');
	writeFileSync(path, 'first version');
});

function contentIn(tar: Buffer): string {
	return execFileSync('tar', ['-xOf', '-', './busy'], {
		input: tar,
		encoding: 'utf8',
		maxBuffer: 1e8,
	});
}

function namesIn(tar: Buffer): string[] {
	return execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' }).trim().split('\n');
}

/** What happens to it, and what it holds then. */
const CHANGES: readonly (readonly [string, (time: number) => void, string])[] = [
	['grows', () => appendFileSync(path, ', longer'), 'first version, longer'],
	['shrinks', () => truncateSync(path, 5), 'first'],
	['is overwritten', (time) => writeFileSync(path, `other version ${time}`), 'other version 1'],
	[
		'is replaced',
		(time) => {
			writeFileSync(join(folder, 'new'), `new version ${time}`);
			renameSync(join(folder, 'new'), path);
		},
		'new version 1',
	],
];

describe.each(CHANGES)('a small file that %s while it is read', (_what, change, content) => {
	it('is read again, and archived whole', async () => {
		const read = whileRead(path, (time) => {
			if (time === 1) change(time);
		});
		const { tar, summary } = await archive(root);
		expect(contentIn(tar)).toBe(content);
		expect(summary()).toMatchObject({ files: 2, skippedEntries: 0 });
		expect(read.times()).toBe(2);
	});

	it('is an error when it does so every time, or skipped and reported', async () => {
		const read = whileRead(path, (time) => {
			// To a length that it did not have: a file system may count time in coarse steps.
			change(time);
			appendFileSync(path, 'x'.repeat(time * 20));
		});
		await expect(archive(root)).rejects.toMatchObject({
			code: 'tree_entry_changed',
			details: { path },
		});
		expect(read.times()).toBeGreaterThan(1);
		const { tar, summary } = await archive(root, SKIP);
		expect(namesIn(tar)).toEqual(['./', './quiet']);
		expect(summary()).toMatchObject({
			skippedEntries: 1,
			skipped: [{ item: path, code: 'tree_entry_changed' }],
		});
	});
});

it('a small file that vanishes while it is read is an error, or skipped and reported', async () => {
	const read = whileRead(path, () => rmSync(path));
	await expect(archive(root)).rejects.toMatchObject({ code: 'tree_entry_changed' });
	writeFileSync(path, 'first version');
	const { tar, summary } = await archive(root, SKIP);
	expect(namesIn(tar)).toEqual(['./', './quiet']);
	expect(summary()).toMatchObject({ skippedEntries: 1 });
	expect(read.times()).toBe(2);
});

it('a small file that becomes a large one while it is read is archived whole', async () => {
	whileRead(path, (time) => {
		if (time === 1) writeFileSync(path, 'x'.repeat(3_000_000));
	});
	const { tar } = await archive(root);
	expect(contentIn(tar)).toBe('x'.repeat(3_000_000));
});

it('a small file that becomes a link while it is read is an error', async () => {
	whileRead(path, () => {
		rmSync(path);
		execFileSync('ln', ['-s', '/etc/hostname', path]);
	});
	await expect(archive(root)).rejects.toMatchObject({
		code: expect.stringMatching(/^tree_entry_(changed|unreadable)$/),
	});
});
