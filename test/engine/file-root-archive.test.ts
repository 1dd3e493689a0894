import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { treeDifferences } from '../tree/compare-trees.ts';
import { type Engine, type RunResult, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';

/*
 * A file root with all that makes one hard: storage behind links, holes, a repository that n8n blocks, a
 * pipe that nobody can archive.
 */

let engine: Engine;
let folder: string;
let root: string;
let storage: string;

beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

beforeEach(async () => {
	folder = await temporaryFolder();
	allowFolders(folder);
	[root, storage] = [join(folder, 'caosroot'), join(folder, 'extroot')];
	for (const path of [root, storage, join(root, 'images')]) mkdirSync(path);
	writeFileSync(join(root, 'images/x.png'), 'x');
	writeFileSync(join(root, 'images/x.tmp'), 'x');
	writeFileSync(join(root, 'holes.bin'), 'start');
	truncateSync(join(root, 'holes.bin'), 5_000_000);
	writeFileSync(join(storage, 'run.csv'), 'a;b\n');
	symlinkSync(storage, join(root, 'external'));
});

async function run(parameters: IDataObject, options: IDataObject = {}): Promise<RunResult> {
	const set = { destination: 'set', backupFolder: join(folder, 'backups'), compression: 'zstd' };
	const archive = {
		type: 'fileRootArchive',
		parameters: { fileRoot: root, ...set, ...parameters, options: { expected: 'one', ...options } },
	};
	return await engine.run({ nodes: [archive] });
}

describe('CaosDB File Root Archive', () => {
	it('archives what is chosen, and Restore brings it back', async () => {
		const options = { follow: storage, exclude: '*.tmp', expected: 'one' };
		const restored = join(folder, 'restored');
		const result = await engine.run({
			nodes: [
				{
					type: 'fileRootArchive',
					parameters: {
						...{ fileRoot: root, destination: 'set', backupFolder: join(folder, 'backups') },
						...{ compression: 'zstd', options },
					},
				},
				{
					type: 'restore',
					parameters: { resource: 'fileRoot', source: 'set', targetFolder: restored },
				},
			],
		});
		expect(result.error).toBeUndefined();
		expect(result.output('fileRootArchive')[0]?.json).toMatchObject({
			status: 'complete',
			setState: 'complete',
			warnings: ['Left out as chosen: 1 entry by pattern.'],
			details: { followedLinks: 1, sparseFiles: 1, files: 3, excludedEntries: 1 },
		});
		expect(treeDifferences(storage, join(restored, 'external'))).toEqual([]);
		const left = treeDifferences(root, restored).map((line) => line.split(':')[0]);
		expect(left).toEqual(['external', 'external/run.csv', 'images/x.tmp']);
	});

	it('refuses what it cannot archive, and is partial when that may be skipped', async () => {
		mkdirSync(join(root, 'images/.git'));
		execFileSync('mkfifo', [join(root, 'pipe')]);
		const refused = await run({});
		expect(refused.error?.message).toContain(join(root, 'images/.git'));
		expect(refused.error?.description).toContain('N8N_BLOCK_FILE_PATTERNS');
		const still = await run({}, { skipBlocked: true });
		expect(still.error?.message).toContain('is a named pipe');
		const result = await run({}, { skipBlocked: true, skipProblems: true });
		const json = result.output('fileRootArchive')[0]?.json;
		expect(json).toMatchObject({
			status: 'partial',
			setState: 'partial',
			details: { skippedEntries: 2 },
		});
		expect(result.hints.join()).toContain('2 entries were skipped');
		const manifest = await readFile(join(String(json?.backupSet), 'manifest.json'), 'utf8');
		expect(JSON.parse(manifest)).toMatchObject({
			state: 'partial',
			artifacts: [{ status: 'partial' }],
		});
	});

	it('inspects without writing', async () => {
		mkdirSync(join(root, 'images/.git'));
		execFileSync('mkfifo', [join(root, 'pipe')]);
		const result = await run({ operation: 'inspect' });
		expect(result.error).toBeUndefined();
		expect(result.output('fileRootArchive')[0]?.json).toMatchObject({
			kind: 'fileRootInspect',
			path: root,
			problemEntries: 2,
			details: { files: 3, linksOutside: 1, blockedEntries: 1, unsupportedEntries: 1 },
		});
		expect(execFileSync('ls', [folder], { encoding: 'utf8' })).toBe('caosroot\nextroot\n');
	});

	it('takes the configuration along, and Restore brings it back by its name', async () => {
		const configuration = join(folder, 'conf');
		mkdirSync(configuration);
		writeFileSync(join(configuration, 'usersources.ini'), 'realms = PAM\n');
		const restored = join(folder, 'restored');
		const extraFolders = { folder: [{ content: 'serverConfiguration', path: configuration }] };
		const result = await engine.run({
			nodes: [
				{
					type: 'fileRootArchive',
					parameters: {
						...{ fileRoot: root, destination: 'set', backupFolder: join(folder, 'backups') },
						...{ compression: 'zstd', extraFolders, options: { expected: 'one' } },
					},
				},
				{
					type: 'restore',
					parameters: {
						...{ resource: 'fileRoot', source: 'set', folderName: 'conf-ext' },
						targetFolder: restored,
					},
				},
			],
		});
		expect(result.error).toBeUndefined();
		expect(result.output('fileRootArchive')[0]?.json).toMatchObject({
			setState: 'complete',
			details: { extraFolders: [{ name: 'conf-ext', root: configuration, files: 1 }] },
		});
		expect(treeDifferences(configuration, restored)).toEqual([]);
	});

	it('stores only what changed when it is asked to, and Restore takes all of it', async () => {
		await run({}, { incremental: true });
		writeFileSync(join(root, 'images/y.png'), 'y');
		rmSync(join(root, 'images/x.tmp'));
		const restored = join(folder, 'restored');
		const second = await run({}, { incremental: true });
		expect(second.output('fileRootArchive')[0]?.json).toMatchObject({
			setState: 'complete',
			details: { increment: { storedFiles: 1, unchangedFiles: 2, deletedEntries: 1 } },
		});
		const result = await engine.run({
			items: [{ json: { backupSet: join(folder, 'backups/caosdb') } }],
			nodes: [
				{
					type: 'restore',
					parameters: { resource: 'fileRoot', source: 'set', targetFolder: restored },
				},
			],
		});
		expect(result.error).toBeUndefined();
		expect(treeDifferences(root, restored)).toEqual([]);
	});

	it('follows only where n8n may go', async () => {
		allowFolders(root, join(folder, 'backups'));
		const result = await run({}, { follow: storage });
		expect(result.error?.message).toContain(`n8n may not access ${storage}`);
	});
});
