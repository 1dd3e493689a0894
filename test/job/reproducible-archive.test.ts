import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type CompressionKind, resolveCompression } from '../../lib/artifact/index.ts';
import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { debianTool } from '../servers/debian-tool.ts';
import { mustRun } from '../servers/run-command.ts';
import { copyTree, treeDifferences } from '../tree/compare-trees.ts';
import { makeSampleTree } from '../tree/sample-tree.ts';
import { FILE_JOB, folderOf } from './job-context.ts';

/*
 * Two archives of one tree are the same file, byte for byte: so one can be told from another by its
 * checksum, and stores that know content keep it once.
 */

const MB = 1_000_000;

let folder: string;
let root: string;

/** What compresses to a third, differently in every place. */
function measurement(seed: number, bytes: number): Buffer {
	const lines: string[] = [];
	for (let value = seed, length = 0; length < bytes; length += lines.at(-1)?.length ?? 0) {
		value = (value * 1_103_515_245 + 12_345) % 2_147_483_648;
		lines.push(`2026-11-25T08:00:00;sensor ${value % 7};${value}\n`);
	}
	return Buffer.from(lines.join('')).subarray(0, bytes);
}

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'n8n-caosdb-reproducible-'));
	root = join(folder, 'root');
	mkdirSync(root);
	makeSampleTree(root);
	mkdirSync(join(root, 'many'));
	for (let index = 0; index < 300; index++) {
		writeFileSync(join(root, `many/${index}.csv`), measurement(index, 100 + index * 150));
	}
	writeFileSync(join(root, 'one.csv'), measurement(1, 9 * MB));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

let made = 0;
async function archive(
	from: string,
	compression: ReturnType<typeof resolveCompression>,
): Promise<string> {
	const fileName = `${++made}`;
	const destination = {
		kind: 'file',
		folder: folderOf(folder),
		fileName,
		overwrite: false,
	} as const;
	const input = { root: folderOf(from), destination, compression, verify: true };
	const { status } = await fileRootArchive(input, FILE_JOB);
	expect(status).toBe('complete');
	return join(folder, fileName);
}

function sha256(path: string): string {
	return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** First number in the table of `zstd -l`. */
function framesIn(listing: Buffer): number {
	return Number(/^\s*(\d+)\s/m.exec(listing.toString())?.[1]);
}

const CASES: readonly (readonly [CompressionKind, number])[] = [
	['none', 0],
	['gzip', 1],
	['gzip', 6],
	['zstd', 1],
	['zstd', 9],
];

describe.each(CASES)('archives of one tree, packed by %s at level %i', (kind, level) => {
	const compression = kind === 'none' ? resolveCompression(kind) : resolveCompression(kind, level);

	it('are the same file, of the tree and of a copy, read before or not', async () => {
		const first = await archive(root, compression);
		const sums = [sha256(first), sha256(await archive(root, compression))];
		for (const name of ['.', 'one.csv', 'many', 'many/7.csv']) {
			await mustRun(['touch', '-a', '-d', '2001-01-01', join(root, name)]);
		}
		sums.push(sha256(await archive(root, compression)));
		const copy = join(folder, `copy ${made}`);
		await copyTree(root, copy);
		sums.push(sha256(await archive(copy, compression)));
		expect(new Set(sums)).toEqual(new Set([sha256(first)]));
		// Not by chance: other content makes another file.
		writeFileSync(join(copy, 'empty.txt'), 'x');
		expect(sha256(await archive(copy, compression))).not.toBe(sums[0]);
	});

	it('are whole for the tools of that format, and for GNU tar', async () => {
		const file = await archive(root, compression);
		const plain = `${file}.tar`;
		if (kind !== 'none') {
			const tool = await debianTool({ program: kind, package: kind });
			await mustRun([...tool, '-tq', file]);
			writeFileSync(plain, await mustRun([...tool, '-dcq', file]));
			// Frames of 2 MiB: one alone would prove little.
			expect(statSync(plain).size).toBeGreaterThan(10 * MB);
			if (kind === 'zstd')
				expect(framesIn(await mustRun([...tool, '-l', file]))).toBeGreaterThan(4);
			expect(statSync(file).size).toBeLessThan(statSync(plain).size / 2);
		}
		const target = `${file} target`;
		mkdirSync(target);
		await mustRun(['tar', '-xpf', kind === 'none' ? file : plain, '-C', target]);
		expect(treeDifferences(root, target)).toEqual([]);
	});
});
