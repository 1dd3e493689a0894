import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readManifest, resolveCompression } from '../../lib/artifact/index.ts';
import type { ExtraFolder } from '../../lib/job/index.ts';
import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { fileRootRestore } from '../../lib/job/file-root-restore.ts';
import { fileRootVerify } from '../../lib/job/file-root-verify.ts';
import type { BackupReport } from '../../lib/job/report.ts';
import { mustRun } from '../servers/run-command.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { treeDifferences } from '../tree/compare-trees.ts';
import { FILE_JOB, folderOf } from './job-context.ts';

const holds = ['usersources.ini', 'authtoken.yaml'];

/** A file root, a configuration, and a folder for backups. */
async function world(): Promise<{ folder: string; path: (name: string) => string }> {
	const folder = await temporaryFolder();
	const path = (name: string): string => join(folder, name);
	for (const name of ['root', 'conf', 'backups', 'target']) mkdirSync(path(name));
	writeFileSync(path('root/x.png'), 'x');
	writeFileSync(path('root/x.tmp'), 'x');
	writeFileSync(path('conf/usersources.ini'), 'realms = PAM\n', { mode: 0o600 });
	writeFileSync(path('conf/notes.tmp'), 'kept');
	return { folder, path };
}

async function archive(
	path: (name: string) => string,
	folders: readonly ExtraFolder[],
): Promise<BackupReport> {
	const destination = {
		kind: 'newSet' as const,
		...{ backups: folderOf(path('backups')), instance: 'test', expected: ['fileRoot' as const] },
	};
	const shared = { compression: resolveCompression('zstd'), verify: true, destination };
	const selection = { exclude: ['*.tmp'] };
	return await fileRootArchive(
		{ ...shared, root: folderOf(path('root')), selection, folders },
		FILE_JOB,
	);
}

describe('extra folders', () => {
	it('are in the set of the file root, and come back by their names', async () => {
		const { path } = await world();
		const conf = { name: 'conf-ext', root: folderOf(path('conf')), holds };
		const more = { name: 'more', root: folderOf(path('root')), holds };
		const report = await archive(path, [conf, more]);
		const { backupSet = '' } = report;
		expect(report).toMatchObject({ setState: 'complete', status: 'complete' });
		expect(report.summary).toContain('with 2 extra folders: conf-ext, more');
		expect(report.warnings.join()).toContain("Folder 'more' holds none of usersources.ini");
		const { artifacts, schemaVersion } = await readManifest(folderOf(backupSet));
		expect(schemaVersion).toBe(2);
		expect(artifacts.map(({ kind, name }) => [kind, name])).toEqual([
			['folder', 'conf-ext'],
			['folder', 'more'],
			['fileRoot', undefined],
		]);
		await mustRun(['sha256sum', '-c', '--quiet', 'SHA256SUMS'], { cwd: backupSet });
		const source = { kind: 'set' as const, set: folderOf(backupSet) };
		const choice = { source, folderName: 'conf-ext' };
		expect((await fileRootVerify(choice, FILE_JOB)).details).toMatchObject({ files: 2 });
		await fileRootRestore({ ...choice, target: folderOf(path('target')) }, FILE_JOB);
		// The patterns are those of the file root.
		expect(treeDifferences(path('conf'), path('target'))).toEqual([]);
		await expect(fileRootVerify({ source, folderName: 'conf' }, FILE_JOB)).rejects.toMatchObject({
			code: 'artifact_missing',
			remedy: expect.stringContaining('conf-ext'),
		});
	});

	it('need names of their own', async () => {
		const { path } = await world();
		const root = folderOf(path('conf'));
		const wrong = [['caosroot'], ['../conf'], [''], ['a', 'a']];
		for (const names of wrong) {
			const folders = names.map((name) => ({ name, root }));
			await expect(archive(path, folders)).rejects.toMatchObject({ code: 'invalid_option' });
		}
		expect(readdirSync(path('backups'))).toEqual([]);
	});

	it('do not count as a backup without the file root', async () => {
		const { path } = await world();
		await mustRun(['mkfifo', path('root/pipe')]);
		const folders = [{ name: 'conf-ext', root: folderOf(path('conf')) }];
		await expect(archive(path, folders)).rejects.toMatchObject({ code: 'tree_entry_unsupported' });
		const [set = ''] = readdirSync(path('backups/test'));
		const manifest = await readManifest(folderOf(path(`backups/test/${set}`)));
		expect(manifest).toMatchObject({ state: 'failed', failure: { kind: 'fileRoot' } });
	});
});
