import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { inspectTree } from '../../lib/tree/index.ts';
import { CAN_MOUNT, smallDisk } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, archive, extract } from './archive-bytes.ts';
import { treeDifferences } from './compare-trees.ts';

let folder: string;
let root: string;
let outside: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	[root, outside] = [join(folder, 'root'), join(folder, 'outside')];
	for (const path of [root, outside, join(root, 'a'), join(outside, 'data')]) mkdirSync(path);
	writeFileSync(join(root, 'a/x.csv'), '1');
	writeFileSync(join(outside, 'data/big.csv'), '12345');
	writeFileSync(join(outside, 'single.csv'), '1');
});

/** Names and link targets in an archive, as GNU tar lists them. */
async function names(...[from, selection, context]: Parameters<typeof archive>): Promise<string[]> {
	const { tar } = await archive(from, selection, context);
	const lines = execFileSync('tar', ['-tvf', '-'], { input: tar, encoding: 'utf8' });
	return lines
		.trim()
		.split('\n')
		.map((line) => line.replace(/^.*? \d\d:\d\d /, ''));
}

describe('links into folders that are followed', () => {
	beforeEach(() => {
		symlinkSync(join(outside, 'data'), join(root, 'data'));
		symlinkSync('../outside/single.csv', join(root, 'single'));
		symlinkSync('/nowhere', join(root, 'dangling'));
	});

	it('are archived as what they lead to, the others as links', async () => {
		expect(await names(root, { follow: [outside] })).toEqual([
			'./',
			'./a/',
			'./a/x.csv',
			'./dangling -> /nowhere',
			'./data/',
			'./data/big.csv',
			'./single',
		]);
		const { tar, summary } = await archive(root, { follow: [join(outside, 'data')] });
		expect(summary()).toMatchObject({
			followedLinks: 1,
			symbolicLinks: 2,
			linksOutside: 2,
			danglingLinks: 1,
		});
		const target = join(folder, 'target');
		mkdirSync(target);
		await extract(tar, target);
		expect(treeDifferences(join(outside, 'data'), join(target, 'data'))).toEqual([]);
	});

	it('stay links unless a folder is named', async () => {
		expect(await names(root)).toContain(`./data -> ${join(outside, 'data')}`);
	});

	it('that lead back are kept as links', async () => {
		symlinkSync(outside, join(outside, 'data/up'));
		symlinkSync('.', join(outside, 'data/here'));
		symlinkSync(root, join(outside, 'data/root'));
		const { tar, summary } = await archive(root, { follow: [folder] });
		// Three below data, and below data/up, where data is seen once more.
		expect(summary()).toMatchObject({ followedLinks: 3, linkLoops: 5 });
		const listed = execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' });
		expect(listed).toContain('./data/up/single.csv\n');
		expect(listed).not.toContain('up/data/up/');
	});

	it('are asked for by their real path', async () => {
		const asked: string[] = [];
		const blocked = async (paths: readonly string[]): Promise<boolean[]> => {
			asked.push(...paths);
			return paths.map((path) => path.startsWith(outside));
		};
		const running = archive(root, { follow: [outside] }, { ...CONTEXT, paths: { blocked } });
		await expect(running).rejects.toMatchObject({
			code: 'path_blocked',
			message: `n8n may not access 2 entries: ${join(outside, 'data')}, ${join(outside, 'single.csv')}`,
		});
		expect(asked).toContain(join(outside, 'data'));
	});
});

describe('a filter', () => {
	it('leaves out what matches a pattern, as .gitignore means it', async () => {
		for (const name of ['a/x.tmp', 'a/keep.tmp', 'top.log', 'a/top.log', 'a/cache', 'X.TMP'])
			writeFileSync(join(root, name), 'x');
		mkdirSync(join(root, 'cache'));
		writeFileSync(join(root, 'cache/y'), 'y');
		const exclude = ['# comment', '*.tmp', '!keep.tmp', '/top.log', 'cache/'];
		expect(await names(root, { exclude })).toEqual([
			'./',
			'./X.TMP',
			'./a/',
			'./a/cache',
			'./a/keep.tmp',
			'./a/top.log',
			'./a/x.csv',
		]);
		const { summary } = await archive(root, { exclude });
		expect(summary()).toMatchObject({
			excludedEntries: 3,
			warnings: ['Left out as chosen: 3 entries by pattern.'],
		});
	});

	it('looks into no folder that is left out', async () => {
		mkdirSync(join(root, 'b/in'), { recursive: true });
		writeFileSync(join(root, 'b/in/secret'), 'x');
		const asked: string[] = [];
		const blocked = async (paths: readonly string[]): Promise<boolean[]> => {
			asked.push(...paths);
			return paths.map(() => false);
		};
		await archive(root, { exclude: ['/b'] }, { ...CONTEXT, paths: { blocked } });
		expect(asked.sort()).toEqual([join(root, 'a'), join(root, 'a/x.csv'), join(root, 'b')]);
	});

	it('leaves out files above a size', async () => {
		truncateSync(join(root, 'a/x.csv'), 1001);
		writeFileSync(join(root, 'just'), Buffer.alloc(1000));
		expect(await names(root, { maxFileBytes: 1000 })).toEqual(['./', './a/', './just']);
		const { summary } = await archive(root, { maxFileBytes: 1000 });
		expect(summary()).toMatchObject({ tooLargeFiles: 1 });
	});

	it.runIf(CAN_MOUNT)('stays on one file system', async () => {
		const disk = await smallDisk(64);
		writeFileSync(join(disk, 'far'), 'x');
		execFileSync('mount', ['--bind', disk, join(root, 'a')]);
		try {
			expect(await names(root, { oneFileSystem: true })).toEqual(['./', './a/']);
			expect(await names(root)).toEqual(['./', './a/', './a/far']);
		} finally {
			execFileSync('umount', [join(root, 'a')]);
		}
	});
});

describe('an inspection', () => {
	it('counts what an archive holds', async () => {
		symlinkSync('/nowhere', join(root, 'dangling'));
		linkSync(join(root, 'a/x.csv'), join(root, 'second'));
		const { summary } = await archive(root);
		const { files, folders, symbolicLinks, hardLinks, contentBytes, danglingLinks } = summary();
		const found = await inspectTree({ root, displayRoot: root }, CONTEXT);
		expect(found).toMatchObject({
			...{ files, folders, symbolicLinks, hardLinks, contentBytes, danglingLinks },
			problems: [],
		});
	});

	it('tells the largest folders and what they take on the disk', async () => {
		mkdirSync(join(root, 'a/deep'));
		writeFileSync(join(root, 'a/deep/file'), Buffer.alloc(5000, 1));
		mkdirSync(join(root, 'b'));
		writeFileSync(join(root, 'b/hole'), '');
		truncateSync(join(root, 'b/hole'), 4000);
		const found = await inspectTree({ root, displayRoot: root }, CONTEXT);
		expect(found.largestFolders).toEqual([
			{ path: '.', bytes: 9001, files: 3 },
			{ path: 'a', bytes: 5001, files: 2 },
			{ path: 'a/deep', bytes: 5000, files: 1 },
			{ path: 'b', bytes: 4000, files: 1 },
		]);
		expect(found.diskBytes).toBeGreaterThanOrEqual(5001);
		expect(found.diskBytes).toBeLessThan(9001 + 2 * 4096);
	});
});
