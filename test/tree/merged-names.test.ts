import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { FolderSpellings, probeMerging } from '../../lib/tree/merged-names.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { extract } from './archive-bytes.ts';
import { tar } from './hand-made-tar.ts';

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
