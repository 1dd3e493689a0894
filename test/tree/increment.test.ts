import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	linkSync,
	mkdirSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mergeChain } from '../../lib/tree/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { archive, extract, pieces } from './archive-bytes.ts';
import { treeDifferences } from './compare-trees.ts';
import { type ChainPart, entriesOf, indexedArchive } from './index-bytes.ts';
import { makeSampleTree } from './sample-tree.ts';

async function folders(): Promise<{ root: string; target: string; folder: string }> {
	const folder = await temporaryFolder();
	const [root, target] = [join(folder, 'root'), join(folder, 'target')];
	mkdirSync(root);
	mkdirSync(target);
	return { root, target, folder };
}

/** The full archive and one increment after each change. */
async function chainOf(root: string, changes: readonly (() => void)[]): Promise<ChainPart[]> {
	const parts = [await indexedArchive(root)];
	for (const change of changes) {
		change();
		const [base] = parts.slice(-1);
		if (base !== undefined) parts.push(await indexedArchive(root, { base, part: parts.length }));
	}
	return parts;
}

async function merged(parts: readonly ChainPart[], size = 70_000): Promise<Buffer> {
	const index = parts[parts.length - 1]?.index ?? Buffer.alloc(0);
	const archives = parts.map(({ tar }) => pieces(tar, size));
	const chunks: Uint8Array[] = [];
	for await (const chunk of mergeChain(archives, pieces(index, size))) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** As docs/restore-without-n8n.md says. */
function extractByHand(parts: readonly ChainPart[], target: string): void {
	for (const { tar, deletions } of parts) {
		execFileSync('xargs', ['-0', '-r', 'rm', '-rf', '--'], { cwd: target, input: deletions });
		execFileSync('tar', ['-xpf', '-', '-C', target], { input: tar });
	}
}

function changeMuch(root: string): void {
	const path = (name: string): string => join(root, name);
	appendFileSync(path('large.bin'), 'more');
	writeFileSync(path('with blank/ümläute/Ω measurement.csv'), 'a;b\n3;4\n');
	rmSync(path('empty.txt'));
	rmSync(path('deep'), { recursive: true });
	renameSync(path('private'), path('renamed'));
	rmSync(path('n'.repeat(255)));
	mkdirSync(path('n'.repeat(255)));
	writeFileSync(path(`${'n'.repeat(255)}/inside`), 'a file became a folder');
	rmSync(path('empty'), { recursive: true });
	writeFileSync(path('empty'), 'a folder became a file');
	rmSync(path('absolute'));
	symlinkSync('/mnt/elsewhere', path('absolute'));
	rmSync(path('inside'));
	mkdirSync(path('inside'));
	symlinkSync('513.bin', path('000 first of all'));
	chmodSync(path('512.bin'), 0o600);
	rmSync(path('second name'));
	linkSync(path('512.bin'), path('another name'));
	writeFileSync(path('holes'), 'start');
	truncateSync(path('holes'), 9_000_000);
}

function changeAgain(root: string): void {
	const path = (name: string): string => join(root, name);
	rmSync(path('513.bin'));
	rmSync(path('inside'), { recursive: true });
	symlinkSync('512.bin', path('inside'));
	rmSync(path('empty'));
	mkdirSync(path('empty'));
	writeFileSync(path('empty/again'), 'a folder again');
	writeFileSync(path('large.bin'), 'small now');
	rmSync(path('n'.repeat(255)), { recursive: true });
	writeFileSync(Buffer.concat([Buffer.from(root), Buffer.from('/\xe9', 'latin1')]), 'bytes');
}

describe('an incremental archive', () => {
	it('holds what changed; with those before it everything comes back', async () => {
		const { root, target } = await folders();
		makeSampleTree(root);
		const parts = await chainOf(root, [() => changeMuch(root), () => changeAgain(root)]);
		const tar = await merged(parts);
		expect(tar.equals((await archive(root)).tar)).toBe(true);
		await extract(tar, target);
		expect(treeDifferences(root, target)).toEqual([]);
		expect(parts[1]?.summary.increment?.deletedEntries).toBeGreaterThan(5);
		expect(parts[1]?.tar.length).toBeLessThan((parts[0]?.tar.length ?? 0) * 1.2);
	});

	it('is restored by GNU tar and xargs, too', async () => {
		const { root, target } = await folders();
		makeSampleTree(root);
		const parts = await chainOf(root, [() => changeMuch(root), () => changeAgain(root)]);
		extractByHand(parts, target);
		expect(treeDifferences(root, target)).toEqual([]);
	});

	it('is empty but for its end when nothing changed', async () => {
		const { root } = await folders();
		makeSampleTree(root);
		const [full, next] = await chainOf(root, [() => undefined]);
		expect(next?.tar.equals(Buffer.alloc(10_240))).toBe(true);
		expect(next?.deletions.length).toBe(0);
		expect(next?.summary).toMatchObject({
			entries: full?.summary.entries,
			contentBytes: full?.summary.contentBytes,
			increment: { storedFiles: 0, unchangedFiles: full?.summary.files, deletedEntries: 0 },
		});
		const withoutPart = (bytes = Buffer.alloc(0)): string => bytes.toString('latin1').slice(55);
		expect(withoutPart(next?.index)).toBe(withoutPart(full?.index));
	});

	it('has the folders above what is stored, so that their times come back', async () => {
		const { root, target } = await folders();
		mkdirSync(join(root, 'a/b/c'), { recursive: true });
		writeFileSync(join(root, 'a/b/c/x'), 'old');
		writeFileSync(join(root, 'a/y'), 'old');
		for (const path of ['a/b/c', 'a/b', 'a']) utimesSync(join(root, path), 1e9, 1e9);
		const change = (): void => writeFileSync(join(root, 'a/b/c/x'), 'new');
		const parts = await chainOf(root, [change]);
		const listed = execFileSync('tar', ['-tf', '-'], { input: parts[1]?.tar, encoding: 'utf8' });
		expect(listed).toBe('./\n./a/\n./a/b/\n./a/b/c/\n./a/b/c/x\n');
		extractByHand(parts, target);
		expect(treeDifferences(root, target)).toEqual([]);
	});

	it('sees a change that kept size and time by the time of the inode', async () => {
		const { root } = await folders();
		const file = join(root, 'x');
		writeFileSync(file, 'one');
		utimesSync(file, 1e9, 1e9);
		const change = (): void => {
			writeFileSync(file, 'two');
			utimesSync(file, 1e9, 1e9);
		};
		const [, next] = await chainOf(root, [change]);
		expect(next?.summary.increment).toMatchObject({ storedFiles: 1, unchangedFiles: 0 });
	});

	it('compares contents when it is asked to', async () => {
		const { root } = await folders();
		for (const name of ['x', 'y']) writeFileSync(join(root, name), name);
		const full = await indexedArchive(root);
		// As a damaged disk would: nothing but the content is another.
		const digests = (await entriesOf(full.index)).map(({ sha512 }) => sha512 ?? '');
		const text = full.index.toString('latin1').replace(digests[2] ?? '', '0'.repeat(128));
		const base = { ...full, index: Buffer.from(text, 'latin1') };
		const trusting = await indexedArchive(root, { base, part: 1 });
		expect(trusting.summary.increment).toMatchObject({ storedFiles: 0 });
		const comparing = await indexedArchive(root, { base, part: 1, comparesContent: true });
		expect(comparing.summary.increment).toMatchObject({ storedFiles: 1, unchangedFiles: 1 });
	});

	it('takes away what is left out now', async () => {
		const { root } = await folders();
		for (const name of ['a', 'b.tmp']) writeFileSync(join(root, name), name);
		const base = await indexedArchive(root);
		const next = await indexedArchive(root, { base, part: 1, selection: { exclude: ['*.tmp'] } });
		expect(next.deletions.toString()).toBe('./b.tmp\0');
	});

	it('does not fit to another chain', async () => {
		const { root } = await folders();
		writeFileSync(join(root, 'x'), 'x');
		const [full, next] = await chainOf(root, [() => writeFileSync(join(root, 'y'), 'y')]);
		if (full === undefined || next === undefined) throw new Error();
		utimesSync(join(root, 'x'), 1e9, 1e9);
		const other = await indexedArchive(root);
		await expect(merged([other, next])).rejects.toMatchObject({ code: 'artifact_corrupt' });
		await expect(merged([next])).rejects.toMatchObject({ code: 'artifact_corrupt' });
		expect(statSync(join(root, 'x')).size).toBe(1);
	});

	it('is refused when its index leads out', async () => {
		const { root } = await folders();
		writeFileSync(join(root, 'x'), 'x');
		const full = await indexedArchive(root);
		const text = full.index.toString('latin1');
		const [, , file = ''] = text.split('\n');
		const refusals = {
			'../outside': 'tree_entry_unsafe',
			'/outside': 'tree_entry_unsafe',
			'a/../../outside': 'tree_entry_unsafe',
			'a//b': 'artifact_corrupt',
		};
		for (const [path, code] of Object.entries(refusals)) {
			const renamed = file.replace('"path":"x"', `"path":"${path}"`);
			const folder = `{"path":"${path}","type":"folder","mode":"0755","uid":0,"gid":0,"mtimeNs":"0"}`;
			for (const line of [renamed, folder]) {
				const index = Buffer.from(text.replace(file, line), 'latin1');
				await expect(merged([{ ...full, index }])).rejects.toMatchObject({ code });
			}
		}
	});

	it('comes back for any changes', async () => {
		const name = fc.constantFrom('a', 'b', 'a-b', 'c', '\xff');
		const change = fc.record({
			path: fc.array(name, { minLength: 1, maxLength: 3 }),
			what: fc.constantFrom('file', 'folder', 'link', 'remove', 'hardLink'),
			from: fc.array(name, { minLength: 1, maxLength: 2 }),
			content: fc.string({ maxLength: 3 }),
		});
		const step = fc.array(change, { maxLength: 8 });
		await fc.assert(
			fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), async (steps) => {
				const { root, target, folder } = await folders();
				const at = (path: readonly string[]): Buffer =>
					Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path.join('/'), 'latin1')]);
				const apply = (changes: (typeof steps)[number]) => (): void => {
					for (const { path, what, from, content } of changes) {
						try {
							if (what !== 'folder') rmSync(at(path), { recursive: true, force: true });
							if (what === 'file') writeFileSync(at(path), content);
							if (what === 'folder') mkdirSync(at(path));
							if (what === 'link') symlinkSync(content || '.', at(path));
							if (what === 'hardLink') linkSync(at(from), at(path));
						} catch {
							// No parent, no such file, or there already: then nothing is changed.
						}
					}
				};
				const parts = await chainOf(root, steps.map(apply));
				await extract(await merged(parts, 1000), target);
				expect(treeDifferences(root, target)).toEqual([]);
				const byHand = join(folder, 'by hand');
				mkdirSync(byHand);
				extractByHand(parts, byHand);
				expect(treeDifferences(root, byHand)).toEqual([]);
			}),
			{ numRuns: 40 },
		);
	});
});
