import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { archive, extract } from './archive-bytes.ts';
import { treeDifferences } from './compare-trees.ts';
import { makeSampleTree } from './sample-tree.ts';

async function sample(): Promise<{ root: string; target: string; folder: string }> {
	const folder = await temporaryFolder();
	const [root, target] = [join(folder, 'root'), join(folder, 'target')];
	mkdirSync(root);
	mkdirSync(target);
	makeSampleTree(root);
	return { root, target, folder };
}

/** The longest path that a system call takes. */
const PATH_BYTES = 4095;

describe('a file root', () => {
	it('comes back as it was', async () => {
		const { root, target } = await sample();
		const { tar, summary } = await archive(root);
		const report = await extract(tar, target);
		expect(treeDifferences(root, target)).toEqual([]);
		expect(report).toMatchObject({
			symbolicLinks: 5,
			hardLinks: 2,
			layout: 'relative',
			warnings: [],
		});
		expect(summary()).toMatchObject({
			entries: report.entries,
			files: report.files,
			contentBytes: report.contentBytes,
			bytes: tar.length,
			linksOutside: 3,
			danglingLinks: 4,
		});
	});

	it('is read however the stream is cut', async () => {
		const { root, folder } = await sample();
		const { tar } = await archive(root);
		for (const size of [1000, 511, 513]) {
			const target = join(folder, `target ${size}`);
			mkdirSync(target);
			await extract(tar, target, size);
			expect(treeDifferences(root, target)).toEqual([]);
		}
	});

	it('with a path that has no room in a staging folder is refused as such', async () => {
		const folder = await temporaryFolder();
		const [root, target] = [join(folder, 'root'), join(folder, 'target')];
		mkdirSync(target);
		let path = root;
		for (; path.length < PATH_BYTES - 256; path = join(path, 'f'.repeat(250))) mkdirSync(path);
		mkdirSync(path);
		writeFileSync(join(path, 'y'.repeat(PATH_BYTES - path.length - 1)), 'far down');
		const { tar } = await archive(root);
		await expect(extract(tar, target)).rejects.toMatchObject({
			code: 'limit_exceeded',
			message: expect.stringContaining('longer than Linux takes'),
		});
		expect(readdirSync(target)).toEqual([]);
	});

	it('gives the same bytes twice', async () => {
		const { root } = await sample();
		expect((await archive(root)).tar.equals((await archive(root)).tar)).toBe(true);
	});

	it('is extracted by GNU tar to an equal tree', async () => {
		const { root, target, folder } = await sample();
		writeFileSync(join(folder, 'a.tar'), (await archive(root)).tar);
		execFileSync('tar', ['-xpf', join(folder, 'a.tar'), '-C', target]);
		expect(treeDifferences(root, target)).toEqual([]);
	});

	it.each(['gnu', 'pax', 'oldgnu'])(
		'is restored from what GNU tar writes as %s',
		async (format) => {
			const { root, target } = await sample();
			const tar = execFileSync('tar', [`--format=${format}`, '-C', root, '-cf', '-', '.'], {
				maxBuffer: 1e8,
			});
			await extract(tar, target);
			const differences = treeDifferences(root, target);
			// Only pax keeps fractions of a second.
			if (format === 'pax') expect(differences).toEqual([]);
			else
				expect(differences.map((line) => line.replaceAll(/\d{13,}/g, ''))).toSatisfy(
					sameButForTimes,
				);
		},
	);

	it.each(['ustar', 'v7'])('is restored from what GNU tar writes as %s', async (format) => {
		const folder = await temporaryFolder();
		const [root, target] = [join(folder, 'root'), join(folder, 'target')];
		for (const path of [root, target, join(root, 'a')]) mkdirSync(path);
		writeFileSync(join(root, 'a/file'), 'content');
		execFileSync('find', [folder, '-exec', 'touch', '-h', '-d', '@1600000000', '{}', '+']);
		await extract(execFileSync('tar', [`--format=${format}`, '-C', root, '-cf', '-', '.']), target);
		expect(treeDifferences(root, target)).toEqual([]);
	});

	it('is recognised below the prefix of older backups', async () => {
		const folder = await temporaryFolder();
		mkdirSync(join(folder, 'opt/caosdb/mnt/caosroot/images'), { recursive: true });
		writeFileSync(join(folder, 'opt/caosdb/mnt/caosroot/images/x.png'), 'x');
		const tar = execFileSync('tar', ['-C', folder, '-cf', '-', 'opt/caosdb/mnt/caosroot']);
		const target = join(folder, 'target');
		mkdirSync(target);
		expect(await extract(tar, target)).toMatchObject({ layout: 'oldPrefix', files: 1, folders: 2 });
		expect(readFileSync(join(target, 'images/x.png'), 'utf8')).toBe('x');
		expect(readdirSync(target)).toEqual(['images']);
	});

	it('comes back for any names, contents and modes', async () => {
		const name = fc
			.uint8Array({ minLength: 1, maxLength: 120 })
			.map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll(/[/\0]/g, '_'))
			.filter((text) => text !== '.' && text !== '..');
		const file = fc.record({
			name,
			content: fc.uint8Array({ maxLength: 1500 }),
			mode: fc.nat(0o777),
		});
		await fc.assert(
			fc.asyncProperty(
				fc.uniqueArray(file, { selector: (entry) => entry.name, maxLength: 8 }),
				async (files) => {
					const folder = await temporaryFolder();
					const [root, target] = [join(folder, 'root'), join(folder, 'target')];
					mkdirSync(root);
					mkdirSync(target);
					for (const entry of files) {
						const path = Buffer.concat([
							Buffer.from(`${root}/`),
							Buffer.from(entry.name, 'latin1'),
						]);
						writeFileSync(path, entry.content, { mode: entry.mode | 0o400 });
					}
					await extract((await archive(root)).tar, target);
					expect(treeDifferences(root, target)).toEqual([]);
				},
			),
			{ numRuns: 60 },
		);
	});
});

function sameButForTimes(lines: readonly string[]): boolean {
	return lines.every((line) => {
		const [was, is] = line.slice(line.indexOf(': ') + 2).split(' → ');
		return was === is;
	});
}
