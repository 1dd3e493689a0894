import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';

import { beforeEach, describe, expect, it } from 'vitest';

import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { fileRootRehearsal } from '../../lib/job/file-root-rehearsal.ts';
import { type FileRootRestoreInput, fileRootRestore } from '../../lib/job/file-root-restore.ts';
import { compareArchive, extractTree } from '../../lib/tree/index.ts';
import { CAN_MOUNT, smallDisk } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, archive, pieces } from './archive-bytes.ts';
import { copyTree } from './compare-trees.ts';
import { tar } from './hand-made-tar.ts';
import { makeSampleTree } from './sample-tree.ts';

const unused = async (): Promise<never> => await Promise.reject(new Error('not used'));
const context = {
	...CONTEXT,
	ports: {
		http: { request: unused },
		paths: CONTEXT.paths,
		binary: { read: unused, write: unused },
	},
};
const place = (path: string): { path: string; displayPath: string } => ({
	path,
	displayPath: path,
});

let folder: string;
let root: string;
let target: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	[root, target] = [join(folder, 'root'), join(folder, 'target')];
	mkdirSync(root);
	mkdirSync(target);
});

async function restore(
	bytes: Buffer,
	options: Partial<FileRootRestoreInput> = {},
	to = target,
): Promise<unknown> {
	writeFileSync(join(folder, 'archive'), bytes);
	const source = { kind: 'file' as const, folder: place(folder), fileName: 'archive' };
	return await fileRootRestore({ target: place(to), source, ...options }, context);
}

/** A tar of one file of zeros, packed to almost nothing. */
function bomb(bytes: number): Buffer {
	const head = tar(
		[
			{ name: './', type: '5' },
			{ name: './zeros', size: bytes },
		],
		false,
	);
	return Buffer.concat([head, Buffer.alloc(bytes + 1024)]);
}

describe('an archive with more than was asked for', () => {
	it.each([
		['entries', { entries: 10 }, [...Array(12).keys()].map((n) => ({ name: `./${n}` }))],
		[
			'bytes',
			{ bytes: 900 },
			[
				{ name: './a', body: 'a'.repeat(500) },
				{ name: './b', body: 'b'.repeat(500) },
			],
		],
	])('of %s is refused at the limit', async (_what, limits, entries) => {
		await expect(restore(tar(entries), { limits })).rejects.toMatchObject({
			code: 'limit_exceeded',
		});
		expect(readdirSync(target)).toEqual([]);
		await restore(tar(entries), { limits: { entries: 12, bytes: 1000 } });
		expect(readdirSync(target)).toHaveLength(entries.length);
	});

	it.each([
		['gzip', (bytes: Buffer) => gzipSync(bytes)],
		[
			'zstd',
			(bytes: Buffer) =>
				zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
		],
	])('of zeros, packed by %s, is refused at the limit', async (_kind, pack) => {
		const packed = pack(bomb(50_000_000));
		expect(packed.length).toBeLessThan(100_000);
		await expect(restore(packed, { limits: { bytes: 49_999_999 } })).rejects.toMatchObject({
			code: 'limit_exceeded',
		});
		expect(readdirSync(target)).toEqual([]);
	});

	it.runIf(CAN_MOUNT)('of zeros ends before it has filled the disk', async () => {
		const disk = await smallDisk(160_000);
		const packed = zstdCompressSync(bomb(150_000_000));
		await expect(restore(packed, {}, disk)).rejects.toMatchObject({
			code: 'disk_full',
			message: expect.stringContaining('has less than 64 MB left'),
		});
		expect(readdirSync(disk)).toEqual([]);
	});

	it.runIf(CAN_MOUNT)('of empty files ends before there is no room for a name', async () => {
		const disk = await smallDisk(160_000, ',nr_inodes=10500');
		const entries = [...Array(10_400).keys()].map((n) => ({ name: `./${n}` }));
		await expect(restore(tar(entries), {}, disk)).rejects.toMatchObject({
			code: 'disk_full',
			message: expect.stringContaining('cannot take more files'),
		});
		expect(readdirSync(disk)).toEqual([]);
	});

	it('by its manifest is refused', async () => {
		const counts = { files: 1, folders: 0, symbolicLinks: 0, hardLinks: 0, contentBytes: 1 };
		const run = async (body: string, names: readonly string[]): Promise<unknown> => {
			const chunks = pieces(tar(names.map((name) => ({ name, body }))), 512);
			const options = { target, displayTarget: target, chunks, expected: counts };
			return await extractTree(options, CONTEXT);
		};
		for (const [body, names, message] of [
			['x', ['./a', './b'], /more entries/],
			['xx', ['./a'], /more bytes/],
			['', ['./a'], /0 instead of 1 \(contentBytes\)/],
			['', [], /0 instead of 1 \(files\)/],
		] as const) {
			await expect(run(body, names)).rejects.toMatchObject({
				code: 'tree_verify_failed',
				message: expect.stringMatching(message),
			});
			expect(readdirSync(target)).toEqual([]);
		}
	});
});

describe('a rehearsal', () => {
	it('restores, compares, and leaves the folder empty', async () => {
		makeSampleTree(root);
		const { backupSet } = await fileRootArchive(
			{
				root: place(root),
				destination: {
					kind: 'newSet',
					backups: place(folder),
					instance: 'i',
					expected: ['fileRoot'],
				},
				compression: { kind: 'zstd', level: 1 },
				verify: true,
			},
			context,
		);
		const source = { kind: 'set' as const, set: place(String(backupSet)) };
		const report = await fileRootRehearsal({ source, scratch: place(target) }, context);
		expect(report).toMatchObject({
			status: 'complete',
			details: { hardLinks: 2, danglingLinks: 4 },
		});
		expect(readdirSync(target)).toEqual([]);
		writeFileSync(join(target, 'mine'), 'x');
		await expect(
			fileRootRehearsal({ source, scratch: place(target) }, context),
		).rejects.toMatchObject({ code: 'path_not_empty' });
	});

	it.each([
		['content', 'printf y | dd of=513.bin conv=notrunc status=none; touch -r empty.txt 513.bin'],
		['size', 'printf y >> 512.bin'],
		['mode', 'chmod 600 512.bin'],
		['time', 'touch -d @1 large.bin'],
		['target', 'ln -sfn elsewhere inside; touch -h -d @1 inside'],
		['it is missing', 'rm empty.txt'],
		['it is no file', 'rm empty.txt; mkdir empty.txt'],
		['it is no second name', 'cp -p "second name" x; mv x "second name"'],
	])('finds that of an entry differs: %s', async (what, command) => {
		makeSampleTree(root);
		const { tar: bytes } = await archive(root);
		const copy = join(folder, 'copy');
		await copyTree(root, copy);
		await compareArchive({ chunks: pieces(bytes, 1000), root: copy }, CONTEXT);
		execFileSync('sh', ['-c', command], { cwd: copy });
		await expect(
			compareArchive({ chunks: pieces(bytes, 1000), root: copy }, CONTEXT),
		).rejects.toMatchObject({
			code: 'tree_verify_failed',
			message: expect.stringMatching(new RegExp(`: (${what}|time)$`)),
		});
	});
});
