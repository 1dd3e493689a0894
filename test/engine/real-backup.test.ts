import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { realBackup } from '../fixtures/real-backup.ts';
import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { treeDifferences } from '../tree/compare-trees.ts';
import { type Engine, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';
import { sqlCredential } from './sql-credential.ts';

const CREDENTIAL = { caosDbSqlApi: 'source' };

let engine: Engine;
beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

describe.each(servers())("LinkAhead's own backup in n8n's engine on $id", (server) => {
	it.each(['zstd', 'gzip', 'none'] as const)(
		'goes through a %s backup set and comes back equal',
		async (compression) => {
			const folder = await temporaryFolder();
			allowFolders(folder);
			const [root, restored] = [join(folder, 'caosroot'), join(folder, 'restored')];
			await mkdir(root);
			const { archiveFile } = await realBackup();
			execFileSync('tar', ['-xpzf', archiveFile, '-C', root, '--strip-components=4']);
			await loadRealBackup(server, 'real_source');
			await server.dropDatabase('real_target');

			const result = await engine.run({
				credentials: { source: sqlCredential(server, 'real_source') },
				nodes: [
					{
						type: 'sqlBackup',
						credentials: CREDENTIAL,
						parameters: { destination: 'set', backupFolder: join(folder, 'backups'), compression },
					},
					{
						type: 'fileRootArchive',
						parameters: { fileRoot: root, destination: 'set', compression },
					},
					{
						type: 'restore',
						name: 'database',
						credentials: CREDENTIAL,
						parameters: { resource: 'database', source: 'set', database: 'real_target' },
					},
					{
						type: 'restore',
						name: 'files',
						parameters: { resource: 'fileRoot', source: 'set', targetFolder: restored },
					},
				],
			});

			expect(result.error).toBeUndefined();
			expect(result.status).toBe('success');
			const before = await databaseContent(server, 'real_source');
			expect(contentDifferences(before, await databaseContent(server, 'real_target'))).toEqual([]);
			expect(treeDifferences(root, restored)).toEqual([]);
			const [dump] = result.output('sqlBackup');
			const [archive] = result.output('fileRootArchive');
			expect(dump?.json).toMatchObject({ kind: 'sql', status: 'complete', setState: 'open' });
			expect(archive?.json).toMatchObject({
				kind: 'fileRoot',
				status: 'complete',
				setState: 'complete',
				backupSet: dump?.json.backupSet,
			});
			const set = String(dump?.json.backupSet);
			execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: set });
			const manifest = JSON.parse(await readFile(join(set, 'manifest.json'), 'utf8')) as {
				artifacts: {
					details: { tables?: unknown[]; routines?: unknown[]; schemaVersion?: string };
				}[];
			};
			const details = manifest.artifacts[0]?.details;
			expect(details?.tables).toHaveLength(50);
			expect(details?.routines).toHaveLength(87);
			expect(details?.schemaVersion).toBe('v5.0.0');
			await server.dropDatabase('real_source');
			await server.dropDatabase('real_target');
		},
	);
});
