import {
	appendFileSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { findArtifact, readManifest, resolveCompression } from '../../lib/artifact/index.ts';
import type { IncrementalOptions } from '../../lib/job/index.ts';
import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { fileRootRestore } from '../../lib/job/file-root-restore.ts';
import { fileRootVerify } from '../../lib/job/file-root-verify.ts';
import type { BackupReport } from '../../lib/job/report.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { copyTree, treeDifferences } from '../tree/compare-trees.ts';
import { makeSampleTree } from '../tree/sample-tree.ts';
import { FILE_JOB, folderOf } from './job-context.ts';

interface World {
	readonly root: string;
	readonly backups: string;
	readonly target: string;
	readonly path: (name: string) => string;
}

async function world(): Promise<World> {
	const folder = await temporaryFolder();
	const path = (name: string): string => join(folder, name);
	for (const name of ['root', 'backups', 'target']) mkdirSync(path(name));
	makeSampleTree(path('root'));
	return { root: path('root'), backups: path('backups'), target: path('target'), path };
}

async function archive(
	{ root, backups }: World,
	incremental: IncrementalOptions | undefined = {},
): Promise<BackupReport> {
	return await fileRootArchive(
		{
			root: folderOf(root),
			destination: {
				...{ kind: 'newSet', backups: folderOf(backups), instance: 'test' },
				expected: ['fileRoot'],
			},
			compression: resolveCompression('zstd'),
			verify: true,
			incremental,
		},
		FILE_JOB,
	);
}

function sourceOf({ backupSet = '' }: BackupReport) {
	return { kind: 'set' as const, set: folderOf(backupSet) };
}

async function restore({ target }: World, report: BackupReport): Promise<void> {
	await fileRootRestore({ source: sourceOf(report), target: folderOf(target) }, FILE_JOB);
}

/** A full archive and two increments. */
async function chain(given: World): Promise<[BackupReport, BackupReport, BackupReport]> {
	const { root } = given;
	const full = await archive(given);
	appendFileSync(join(root, 'large.bin'), 'more');
	rmSync(join(root, 'deep'), { recursive: true });
	renameSync(join(root, 'with blank'), join(root, 'renamed'));
	const second = await archive(given);
	rmSync(join(root, 'empty'), { recursive: true });
	writeFileSync(join(root, 'empty'), 'a file now');
	rmSync(join(root, '513.bin'));
	return [full, second, await archive(given)];
}

describe('incremental archives in backup sets', () => {
	it('are restored with all that they build on, each as it was', async () => {
		const given = await world();
		const full = await archive(given);
		await copyTree(given.root, given.path('first'));
		appendFileSync(join(given.root, 'large.bin'), 'more');
		renameSync(join(given.root, 'with blank'), join(given.root, 'renamed'));
		const second = await archive(given);
		await copyTree(given.root, given.path('second'));
		rmSync(join(given.root, 'empty'), { recursive: true });
		writeFileSync(join(given.root, 'empty'), 'a file now');
		const third = await archive(given);
		expect(full.details).not.toHaveProperty('increment');
		const renamed = 'renamed/ümläute/Ω measurement.csv';
		expect(readFileSync(join(given.root, renamed), 'utf8')).toBe('a;b\n1;2\n');
		expect(second.details).toMatchObject({
			base: `test/${basename(full.backupSet ?? '')}`,
			increment: { storedFiles: 2, deletedEntries: 1 },
		});
		expect(third.summary).toMatch(/stored are the changes since test\/\d+T\d+Z: 1 file \(10 B\)/);
		const { schemaVersion, artifacts } = await readManifest(folderOf(second.backupSet ?? ''));
		expect(schemaVersion).toBe(2);
		expect(artifacts[0]?.base).toEqual({
			set: `test/${basename(full.backupSet ?? '')}`,
			sha256: full.sha256,
		});
		for (const [report, tree] of [
			[full, 'first'],
			[second, 'second'],
			[third, 'root'],
		] as const) {
			const target = given.path(`target ${tree}`);
			mkdirSync(target);
			await restore({ ...given, target }, report);
			expect(treeDifferences(given.path(tree), target)).toEqual([]);
		}
		const verified = await fileRootVerify({ source: sourceOf(third) }, FILE_JOB);
		expect(verified.details).toMatchObject({ files: third.details.files });
	});

	it('are not restored, and nothing is written, when a set of the chain is missing', async () => {
		const given = await world();
		const [full, second, third] = await chain(given);
		const gone = `test/${basename(second.backupSet ?? '')}`;
		renameSync(second.backupSet ?? '', given.path('elsewhere'));
		await expect(restore(given, third)).rejects.toMatchObject({
			code: 'artifact_missing',
			message: expect.stringContaining(`builds on the backup set ${gone}, which is not there`),
		});
		expect(readdirSync(given.target)).toEqual([]);
		renameSync(given.path('elsewhere'), second.backupSet ?? '');
		rmSync(full.path ?? '');
		await expect(restore(given, third)).rejects.toMatchObject({ code: 'artifact_missing' });
		expect(readdirSync(given.target)).toEqual([]);
	});

	it('are not restored, and nothing is written, when a file of the chain is damaged', async () => {
		const given = await world();
		const [full, second, third] = await chain(given);
		const index = findArtifact(await readManifest(folderOf(third.backupSet ?? '')), 'fileRoot')
			.companions?.[0]?.file;
		for (const path of [full.path, second.path, join(third.backupSet ?? '', index ?? '')]) {
			const good = readFileSync(path ?? '');
			const bad = Buffer.from(good);
			const middle = Math.floor(bad.length / 2);
			bad[middle] = (bad[middle] ?? 0) ^ 1;
			writeFileSync(path ?? '', bad);
			await expect(restore(given, third)).rejects.toMatchObject({
				code: 'artifact_corrupt',
				message: expect.stringContaining(`${path} is damaged`),
			});
			expect(readdirSync(given.target)).toEqual([]);
			writeFileSync(path ?? '', good);
		}
		truncateSync(second.path ?? '', 100);
		await expect(restore(given, third)).rejects.toMatchObject({ code: 'artifact_missing' });
		expect(readdirSync(given.target)).toEqual([]);
	});

	it('are not taken for a chain when a set was made anew', async () => {
		const given = await world();
		const [full, , third] = await chain(given);
		const manifest = join(full.backupSet ?? '', 'manifest.json');
		const text = readFileSync(manifest, 'utf8').replaceAll(full.sha256, '0'.repeat(64));
		writeFileSync(manifest, text);
		await expect(restore(given, third)).rejects.toMatchObject({
			code: 'artifact_missing',
			message: expect.stringContaining('builds on another archive'),
		});
	});

	it('begin anew after so many, and when the chain is broken', async () => {
		const given = await world();
		const options = { incrementsMax: 1 };
		await archive(given, options);
		expect((await archive(given, options)).details).toHaveProperty('base');
		const full = await archive(given, options);
		expect(full.details).not.toHaveProperty('base');
		expect(full.warnings.join()).not.toContain('full archive');
		const companions = findArtifact(
			await readManifest(folderOf(full.backupSet ?? '')),
			'fileRoot',
		).companions;
		const index = join(full.backupSet ?? '', companions?.[0]?.file ?? '');
		appendFileSync(index, 'x');
		const after = await archive(given, options);
		expect(after.details).not.toHaveProperty('base');
		expect(after.warnings.join()).toContain(
			`A full archive was made, because: ${index} is damaged`,
		);
		rmSync(after.path ?? '');
		const next = await archive(given, options);
		expect(next.details).not.toHaveProperty('base');
		expect(next.warnings.join()).toContain(`because: ${after.path ?? ''} is not there`);
	});

	it('need a backup set', async () => {
		const { root, backups } = await world();
		const running = fileRootArchive(
			{
				...{ root: folderOf(root), incremental: {}, verify: true },
				compression: resolveCompression('zstd'),
				destination: { kind: 'file', folder: folderOf(backups), overwrite: false },
			},
			FILE_JOB,
		);
		await expect(running).rejects.toMatchObject({ code: 'invalid_option' });
	});
});
