import { execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { realBackup } from '../fixtures/real-backup.ts';
import { servers } from '../servers/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, type RunResult, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';
import { sqlCredential } from './sql-credential.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

describe.each(servers('mariadb11'))(
	'SQL Backup → File Root Archive in one set on $id',
	(server) => {
		const database = 'engine_cross_check';
		beforeAll(async () => await loadRealBackup(server, database));
		afterAll(async () => await server.dropDatabase(database));

		async function fileRoot(): Promise<{ folder: string; root: string }> {
			const folder = await temporaryFolder();
			allowFolders(folder);
			const root = join(folder, 'caosroot');
			await mkdir(root);
			const { archiveFile } = await realBackup();
			execFileSync('tar', ['-xpzf', archiveFile, '-C', root, '--strip-components=4']);
			return { folder, root };
		}

		async function run(
			folder: string,
			root: string,
			options: IDataObject = {},
		): Promise<RunResult> {
			const set = { destination: 'set', compression: 'zstd' };
			return await engine.run({
				credentials: { source: sqlCredential(server, database) },
				nodes: [
					{
						type: 'sqlBackup',
						credentials: { caosDbSqlApi: 'source' },
						parameters: { ...set, backupFolder: join(folder, 'backups') },
					},
					{ type: 'fileRootArchive', parameters: { ...set, fileRoot: root, options } },
				],
			});
		}

		it('reports what agrees', async () => {
			const { folder, root } = await fileRoot();
			const result = await run(folder, root);
			expect(result.error).toBeUndefined();
			const json = result.output('fileRootArchive')[0]?.json;
			expect(json).toMatchObject({
				...{ status: 'complete', setState: 'complete' },
				details: { crossCheck: { rows: 60, agreeingFiles: 29, unreachableLinks: 31, missing: 0 } },
			});
			expect(json?.summary).toContain('of 60 files in the database 29 and 0 of 31 links agree');
			expect(result.hints.join()).toContain('31 files of the database are links whose target');
		});

		it('fails for a file that is not there, and is partial when that is allowed', async () => {
			const { folder, root } = await fileRoot();
			const gone = 'Analyses/2021-03-19_009/info.yaml';
			await rm(join(root, 'Analyses'), { recursive: true });
			const refused = await run(folder, root);
			expect(refused.error?.message).toMatch(/lacks \d+ of 60 files/);
			expect(refused.error?.description).toContain("'Allow Missing Files'");
			const result = await run(folder, root, { allowMissingFiles: true });
			const json = result.output('fileRootArchive')[0]?.json;
			expect(json).toMatchObject({ status: 'partial', setState: 'partial' });
			const { crossCheck } = json?.details as { crossCheck: { examples: { missing: string[] } } };
			expect(crossCheck.examples.missing.join()).toContain(gone.slice(0, 'Analyses/'.length));
		});
	},
);
