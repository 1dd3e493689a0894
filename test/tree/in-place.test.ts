import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { extractTree } from '../../lib/tree/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, archive, pieces } from './archive-bytes.ts';
import { copyTree, treeDifferences } from './compare-trees.ts';
import { makeSampleTree } from './sample-tree.ts';

let folder: string;
let root: string;
let target: string;
let tar: Buffer;
beforeEach(async () => {
	folder = await temporaryFolder();
	[root, target] = [join(folder, 'root'), join(folder, 'target')];
	mkdirSync(root);
	makeSampleTree(root);
	({ tar } = await archive(root));
});

async function extract(bytes = tar): Promise<unknown> {
	const chunks = pieces(bytes, 1000);
	return await extractTree({ target, displayTarget: target, chunks, inPlace: true }, CONTEXT);
}

describe('a restore in place', () => {
	it('brings back what was spoiled, and leaves what the archive lacks', async () => {
		await copyTree(root, target);
		writeFileSync(join(target, 'large.bin'), 'spoiled');
		writeFileSync(join(target, 'mine'), 'mine');
		await extract();
		const differences = treeDifferences(root, target).filter((line) => !line.startsWith(': '));
		expect(differences).toEqual([expect.stringMatching(/^mine: missing/)]);
		await extract();
		expect(treeDifferences(root, target).filter((line) => !line.startsWith(': '))).toHaveLength(1);
	});

	it('takes a link away instead of writing through it', async () => {
		const outside = join(folder, 'outside');
		mkdirSync(outside);
		writeFileSync(join(outside, 'set-id'), 'mine');
		mkdirSync(target);
		symlinkSync(outside, join(target, 'private'));
		symlinkSync(join(outside, 'set-id'), join(target, 'empty.txt'));
		await extract();
		expect(treeDifferences(root, target).filter((line) => !line.startsWith(': '))).toEqual([]);
		expect(readdirSync(outside)).toEqual(['set-id']);
		expect(readFileSync(join(outside, 'set-id'), 'utf8')).toBe('mine');
	});

	it('does not remove a folder for a file', async () => {
		mkdirSync(join(target, 'large.bin'), { recursive: true });
		await expect(extract()).rejects.toMatchObject({ code: 'path_exists' });
		expect(readdirSync(join(target, 'large.bin'))).toEqual([]);
		expect(readdirSync(target).filter((name) => name.startsWith('.n8n'))).toEqual([]);
	});

	it('clears what a killed one left', async () => {
		const left = join(target, '.n8n-caosdb-restore-0123abcd.partial');
		mkdirSync(left, { recursive: true });
		writeFileSync(join(left, 'file'), 'half');
		expect(await extract()).toMatchObject({ clearedUnfinished: true });
		expect(readdirSync(target)).toEqual(readdirSync(root));
	});
});
