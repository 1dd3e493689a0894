import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readManifest, resolveCompression } from '../../lib/artifact/index.ts';
import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { fileRootRestore } from '../../lib/job/file-root-restore.ts';
import type { BackupReport } from '../../lib/job/report.ts';
import { sqlBackup } from '../../lib/job/sql-backup.ts';
import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { realBackup } from '../fixtures/real-backup.ts';
import { servers } from '../servers/index.ts';
import { endpointOf } from '../sql/sql-session.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILE_JOB, folderOf } from './job-context.ts';

/*
 * The facts of LinkAhead's published backup: 60 rows; 29 files, all as the database says; 31 links to
 * storage outside, of which one was edited after the dump was made.
 */
describe.each(servers())('a set of the real database and its file root on $id', (server) => {
	const database = 'cross_check';
	beforeAll(async () => await loadRealBackup(server, database));
	afterAll(async () => await server.dropDatabase(database));

	/** The file root; its links lead to `extroot`, if that is given. */
	async function fileRoot(folder: string, extroot?: string): Promise<string> {
		const root = join(folder, 'root');
		await mkdir(root);
		const { archiveFile } = await realBackup();
		const source = {
			kind: 'file' as const,
			folder: folderOf(join(archiveFile, '..')),
			fileName: 'caosroot.tar.gz',
		};
		const links = { from: '/opt/caosdb/mnt/extroot', to: extroot ?? '/opt/caosdb/mnt/extroot' };
		await fileRootRestore({ target: folderOf(root), source, changes: { links } }, FILE_JOB);
		return root;
	}

	const shared = { compression: resolveCompression('zstd'), verify: true };

	async function dump(folder: string, set?: string): Promise<BackupReport> {
		const destination =
			set === undefined
				? {
						...{ kind: 'newSet' as const, backups: folderOf(folder), instance: 'test' },
						expected: ['sql' as const, 'fileRoot' as const],
					}
				: { kind: 'joinSet' as const, set: folderOf(set) };
		const endpoint = endpointOf(server);
		return await sqlBackup({ ...shared, endpoint, database, destination }, FILE_JOB);
	}

	async function archive(
		root: string,
		set: string,
		more: { readonly allowMissingFiles?: boolean; readonly hashesLinkTargets?: boolean } = {},
	): Promise<BackupReport> {
		const destination = { kind: 'joinSet' as const, set: folderOf(set) };
		return await fileRootArchive(
			{ ...shared, root: folderOf(root), destination, ...more },
			FILE_JOB,
		);
	}

	it('agrees in 29 files, and says that 31 links cannot be followed from here', async () => {
		const folder = await temporaryFolder();
		const root = await fileRoot(folder);
		const { backupSet = '' } = await dump(folder);
		const report = await archive(root, backupSet);
		const expected = {
			...{ rows: 60, agreeingFiles: 29, agreeingLinks: 0, unreachableLinks: 31 },
			...{ missing: 0, removedMeanwhile: 0, different: 0, withoutRow: 0 },
		};
		expect(report).toMatchObject({ status: 'complete', details: { crossCheck: expected } });
		expect(report.summary).toContain('of 60 files in the database 29 and 0 of 31 links agree');
		const { artifacts, state } = await readManifest(folderOf(backupSet));
		expect(state).toBe('complete');
		expect(artifacts[1]?.details).toMatchObject({ crossCheck: expected });
	});

	it('agrees in 30 links where their storage is mounted, and finds the one that was edited', async () => {
		const folder = await temporaryFolder();
		const { externalRoot } = await realBackup();
		const root = await fileRoot(folder, externalRoot);
		const { backupSet = '' } = await dump(folder);
		const report = await archive(root, backupSet, { hashesLinkTargets: true });
		expect(report.details).toMatchObject({
			crossCheck: {
				...{ agreeingFiles: 29, agreeingLinks: 30, unreachableLinks: 0, different: 1 },
				examples: {
					different: [
						'Analyses/2021-03-19_009/info.yaml: 114 bytes in the database, 113 in the file root',
					],
				},
			},
		});
		expect(report.warnings.join()).toContain('1 file differs');
	});

	it('is not complete without a file that the database lists, whichever comes second', async () => {
		const folder = await temporaryFolder();
		const root = await fileRoot(folder);
		const { backupSet = '' } = await dump(folder);
		await rm(join(root, 'Analyses'), { recursive: true });
		await rm(join(root, 'images'), { recursive: true, force: true });
		await expect(archive(root, backupSet)).rejects.toMatchObject({ code: 'tree_files_missing' });
		const failed = await readManifest(folderOf(backupSet));
		expect(failed).toMatchObject({ state: 'failed', failure: { code: 'tree_files_missing' } });
		const report = await archive(root, backupSet, { allowMissingFiles: true });
		expect(report).toMatchObject({ status: 'partial', setState: 'partial' });

		const first = await fileRootArchive(
			{
				...{ ...shared, root: folderOf(root) },
				destination: {
					...{ kind: 'newSet', backups: folderOf(folder), instance: 'other' },
					expected: ['sql', 'fileRoot'],
				},
			},
			FILE_JOB,
		);
		expect(first.details).not.toHaveProperty('crossCheck');
		await expect(dump(folder, first.backupSet)).rejects.toMatchObject({
			code: 'tree_files_missing',
		});
	});

	it('leaves no list of files for a database that is none of CaosDB', async () => {
		const folder = await temporaryFolder();
		await server.dropDatabase('no_caosdb');
		await server.sql(
			'CREATE DATABASE no_caosdb; CREATE TABLE no_caosdb.entities (id INT); CREATE TABLE no_caosdb.files (name TEXT); CREATE FUNCTION no_caosdb.one() RETURNS INT DETERMINISTIC RETURN 1',
		);
		const { backupSet = '' } = await sqlBackup(
			{
				...{ ...shared, endpoint: endpointOf(server), database: 'no_caosdb' },
				destination: {
					...{ kind: 'newSet', backups: folderOf(folder), instance: 'test' },
					expected: ['sql'],
				},
			},
			FILE_JOB,
		);
		await server.dropDatabase('no_caosdb');
		const { artifacts } = await readManifest(folderOf(backupSet));
		expect(artifacts[0]).not.toHaveProperty('companions');
	});
});
