import { mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { extractTree } from '../../lib/tree/index.ts';
import { FolderSpellings, probeMerging } from '../../lib/tree/merged-names.ts';
import { CAN_FOLD, foldingDisk } from '../folding-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, extract, pieces } from './archive-bytes.ts';
import { type Entry, tar } from './hand-made-tar.ts';

const NFC = '\xc3\xa9';
const NFD = 'e\xcc\x81';

it('a file system of Linux keeps twins, and is found to do so', async () => {
	const folder = await temporaryFolder();
	expect(probeMerging(folder)).toEqual({ case: false, accents: false });
	expect(readdirSync(folder)).toEqual([]);
	const target = join(folder, 'target');
	mkdirSync(target);
	const names = ['./A/x', './a/x', `./${NFC}/x`, `./${NFD}/x`];
	await extract(tar(names.map((name) => ({ name, body: name }))), target);
	expect(readdirSync(target)).toHaveLength(4);
});

it.each([
	[{ case: true, accents: false }, 'A/B', 'a/b', true],
	[{ case: true, accents: false }, NFC, NFD, false],
	[{ case: false, accents: true }, NFC, NFD, true],
	[{ case: false, accents: true }, 'A', 'a', false],
	[{ case: true, accents: true }, NFC, '\xc3\x89', true],
	[{ case: false, accents: false }, 'A', 'a', false],
])('a file system with %o takes %s and %s for one folder: %s', (merging, one, other, isOne) => {
	const spellings = new FolderSpellings(merging);
	spellings.meet(one);
	spellings.meet(one);
	const meeting = (): void => spellings.meet(other);
	if (!isOne) return meeting();
	expect(meeting).toThrow(expect.objectContaining({ code: 'tree_entry_unsupported' }));
});

describe.runIf(CAN_FOLD)('a file system that does not tell capital letters from small ones', () => {
	let target: string;
	beforeEach(async () => {
		target = join(await foldingDisk(), 'target');
		mkdirSync(target);
	});

	it('is found to be one', () => {
		expect(probeMerging(target)).toEqual({ case: true, accents: false });
		expect(readdirSync(target)).toEqual([]);
	});

	it.each<[string, readonly Entry[]]>([
		[
			'two files',
			[
				{ name: './A', body: 'A' },
				{ name: './a', body: 'a' },
			],
		],
		[
			'two files in a folder',
			[
				{ name: './x/A', body: 'A' },
				{ name: './x/a', body: 'a' },
			],
		],
		[
			'two folders',
			[
				{ name: './A/', type: '5' },
				{ name: './a/', type: '5' },
			],
		],
		[
			'two folders that are not listed',
			[
				{ name: './A/x', body: 'A' },
				{ name: './a/y', body: 'a' },
			],
		],
		[
			'a folder and a file',
			[
				{ name: './A/', type: '5' },
				{ name: './a', body: 'a' },
			],
		],
		[
			'a file and a folder',
			[
				{ name: './A', body: 'a' },
				{ name: './a/', type: '5' },
			],
		],
		[
			'a file and a link',
			[
				{ name: './A', body: 'a' },
				{ name: './a', type: '2', link: '/tmp' },
			],
		],
		[
			'a link and a file in it',
			[
				{ name: './A', type: '2', link: '/tmp' },
				{ name: './a/x', body: 'x' },
			],
		],
		[
			'two links',
			[
				{ name: './A', type: '2', link: 'x' },
				{ name: './a', type: '2', link: 'y' },
			],
		],
		[
			'a file and a second name of another',
			[
				...[
					{ name: './A', body: 'a' },
					{ name: './b', body: 'b' },
				],
				{ name: './a', type: '1', link: './b' },
			],
		],
	])('does not get %s whose names it merges', async (_what, entries) => {
		const archive = tar([{ name: './', type: '5' }, ...entries]);
		await expect(extract(archive, target)).rejects.toMatchObject({
			code: 'tree_entry_unsupported',
		});
		expect(readdirSync(target)).toEqual([]);
	});

	it('is not restored to in place, where one entry could replace another', async () => {
		writeFileSync(join(target, 'mine'), 'mine');
		const chunks = pieces(tar([{ name: './a', body: 'a' }]), 512);
		const options = { target, displayTarget: target, chunks, inPlace: true };
		await expect(extractTree(options, CONTEXT)).rejects.toMatchObject({
			code: 'tree_entry_unsupported',
		});
		expect(readdirSync(target)).toEqual(['mine']);
	});

	it('gets an archive whose names it tells apart', async () => {
		const entries: readonly Entry[] = [
			{ name: './', type: '5' },
			{ name: './Images/', type: '5' },
			{ name: './Images/One.png', body: 'one' },
			{ name: './images2/One.png', body: 'two' },
			{ name: './Link', type: '2', link: '/mnt/External' },
		];
		await extract(tar(entries), target);
		expect(readFileSync(join(target, 'Images/One.png'), 'utf8')).toBe('one');
		expect(readFileSync(join(target, 'images2/One.png'), 'utf8')).toBe('two');
		expect(readlinkSync(join(target, 'Link'))).toBe('/mnt/External');
	});
});
