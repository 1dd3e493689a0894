import { execFileSync } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CAN_MOUNT, smallDisk } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { copyTree, treeDifferences } from '../tree/compare-trees.ts';
import { type Engine, type RunResult, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';

/*
 * A file root that was lost or spoiled: archived, damaged, restored in its place, rolled back.
 */

let engine: Engine;
let folder: string;
let root: string;
let good: string;
let archive: string;

beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

function fill(path: string): void {
	mkdirSync(join(path, 'images'));
	writeFileSync(join(path, 'images/x.png'), 'x');
	writeFileSync(join(path, 'holes.bin'), 'start');
	truncateSync(join(path, 'holes.bin'), 5_000_000);
	symlinkSync('/opt/caosdb/mnt/extroot/a/b.csv', join(path, 'external'));
}

beforeEach(async () => {
	folder = await temporaryFolder();
	allowFolders(folder);
	[root, good, archive] = [
		join(folder, 'caosroot'),
		join(folder, 'good'),
		join(folder, 'a.tar.zst'),
	];
	mkdirSync(root);
	fill(root);
	await copyTree(root, good);
	const parameters = {
		fileRoot: root,
		destination: 'file',
		filePath: archive,
		compression: 'zstd',
	};
	const made = await engine.run({ nodes: [{ type: 'fileRootArchive', parameters }] });
	expect(made.error).toBeUndefined();
	writeFileSync(join(root, 'images/x.png'), 'spoiled');
	writeFileSync(join(root, 'new since then'), 'x');
});

async function run(parameters: IDataObject): Promise<RunResult> {
	const source = { resource: 'fileRoot', source: 'file', filePath: archive, targetFolder: root };
	return await engine.run({
		nodes: [{ type: 'restore', parameters: { ...source, ...parameters } }],
	});
}

describe('CaosDB Restore of a file root', () => {
	it('replaces one on request, keeps it, and rolls back', async () => {
		const spoiled = join(folder, 'spoiled');
		await copyTree(root, spoiled);
		expect((await run({})).error?.message).toContain('is not empty');
		expect(treeDifferences(spoiled, root)).toEqual([]);

		const restored = await run({ ifNotEmpty: 'replace' });
		expect(restored.error).toBeUndefined();
		const json = restored.output('restore')[0]?.json;
		expect(json).toMatchObject({
			kind: 'fileRootRestore',
			keptPath: expect.stringMatching(/caosroot\.before-\d{8}T\d{6}Z$/),
			details: { danglingLinks: 1 },
		});
		expect(treeDifferences(good, root)).toEqual([]);
		expect(treeDifferences(spoiled, String(json?.keptPath))).toEqual([]);

		const back = await run({ operation: 'rollBack' });
		expect(back.error).toBeUndefined();
		const undone = back.output('restore')[0]?.json;
		expect(undone).toMatchObject({ kind: 'fileRootRollBack', restoredFrom: json?.keptPath });
		expect(treeDifferences(spoiled, root)).toEqual([]);
		expect(treeDifferences(good, String(undone?.keptPath))).toEqual([]);
		expect((await run({ operation: 'rollBack' })).error?.message).toContain('to roll back to');
		expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([
			'.caosroot.n8n-caosdb-swap.last',
		]);
	});

	it('rolls back to the one that is named, once, and where the root was removed', async () => {
		const restored = await run({ ifNotEmpty: 'replace' });
		const keptPath = String(restored.output('restore')[0]?.json.keptPath);
		rmSync(root, { recursive: true });
		for (const wasDone of [false, true]) {
			const back = await run({ operation: 'rollBack', keptPath });
			expect(back.error).toBeUndefined();
			const json = back.output('restore')[0]?.json;
			expect(json).toMatchObject({ restoredFrom: keptPath, wasDone });
			expect(existsSync(join(root, 'new since then'))).toBe(true);
		}
		const other = { operation: 'rollBack', targetFolder: join(folder, 'other') };
		expect((await run({ ...other, keptPath })).error?.message).toContain('is no kept file root');
		expect((await run(other)).error?.message).toContain('to roll back to');
		expect(existsSync(join(folder, 'other'))).toBe(false);
	});

	it.runIf(CAN_MOUNT)('replaces the content of a volume, and rolls back', async () => {
		const volume = await smallDisk(1024);
		allowFolders(folder, volume);
		fill(volume);
		writeFileSync(join(volume, 'new since then'), 'x');
		const restored = await run({ ifNotEmpty: 'replace', targetFolder: volume });
		expect(restored.error).toBeUndefined();
		// The volume's own folder gets its time from what was kept there last.
		const differences = treeDifferences(good, volume).filter(
			(line) => !/^(\.n8n-caosdb-.*)?: |^\.n8n-caosdb-before/.test(line),
		);
		expect(differences).toEqual([]);
		const kept = String(restored.output('restore')[0]?.json.keptPath);
		expect(existsSync(join(kept, 'new since then'))).toBe(true);
		// What is kept there is no part of the next archive.
		const parameters = { fileRoot: volume, destination: 'binary', compression: 'none' };
		const next = await engine.run({ nodes: [{ type: 'fileRootArchive', parameters }] });
		expect(next.output('fileRootArchive')[0]?.json.details).toMatchObject({ files: 2, folders: 2 });
		const back = await run({ operation: 'rollBack', targetFolder: volume });
		expect(back.error).toBeUndefined();
		expect(existsSync(join(volume, 'new since then'))).toBe(true);
	});

	it.runIf(CAN_MOUNT)('looks for room before it writes', async () => {
		const volume = await smallDisk(256);
		allowFolders(folder, volume);
		writeFileSync(join(folder, 'big'), Buffer.alloc(1_000_000, 1));
		execFileSync('tar', ['-C', folder, '-cf', archive, './big']);
		const result = await run({ targetFolder: volume });
		expect(result.error?.message).toMatch(/has 1 MB free, the archive needs 2 MB/);
		expect(readdirSync(volume)).toEqual([]);
	});

	it('changes nothing when the archive is damaged', async () => {
		truncateSync(archive, 300);
		expect((await run({ ifNotEmpty: 'replace' })).status).toBe('error');
		expect(existsSync(join(root, 'new since then'))).toBe(true);
		expect(readdirSync(folder).sort()).toEqual(['a.tar.zst', 'caosroot', 'good']);
		expect((await run({ operation: 'verify' })).status).toBe('error');
	});

	it('verifies an archive without writing', async () => {
		const result = await run({ operation: 'verify' });
		expect(result.error).toBeUndefined();
		expect(result.output('restore')[0]?.json).toMatchObject({
			kind: 'fileRootVerify',
			details: { files: 2, folders: 2, symbolicLinks: 1 },
		});
		expect(readdirSync(folder).sort()).toEqual(['a.tar.zst', 'caosroot', 'good']);
	});

	it('rewrites links and sets modes on request', async () => {
		const options = { modes: 'shared', linksFrom: '/opt/caosdb/mnt/extroot/', linksTo: folder };
		writeFileSync(join(folder, 'b.csv'), 'x');
		mkdirSync(join(folder, 'a'));
		writeFileSync(join(folder, 'a/b.csv'), 'x');
		const result = await run({ ifNotEmpty: 'replace', fileRootOptions: options });
		expect(result.error).toBeUndefined();
		expect(result.output('restore')[0]?.json.details).toMatchObject({
			rewrittenLinks: 1,
			danglingLinks: 0,
		});
		const listed = execFileSync('find', ['.', '-printf', '%P %m %l\n'], {
			cwd: root,
			encoding: 'utf8',
		});
		expect(listed.split('\n').filter(Boolean).sort()).toEqual([
			' 775 ',
			`external 777 ${join(folder, 'a/b.csv')}`,
			'holes.bin 664 ',
			'images 775 ',
			'images/x.png 664 ',
		]);
	});

	it('replaces the content of a root whose parent n8n may not use, and rolls back', async () => {
		allowFolders(root, good);
		const source = { source: 'file', filePath: join(good, 'a.tar.zst') };
		copyFileSync(archive, source.filePath);
		const restored = await run({ ...source, ifNotEmpty: 'replace' });
		expect(restored.error).toBeUndefined();
		expect(String(restored.output('restore')[0]?.json.keptPath)).toMatch(
			/caosroot\/\.n8n-caosdb-before-\d{8}T\d{6}Z$/,
		);
		expect(readdirSync(root).filter((name) => !name.startsWith('.n8n'))).toEqual(
			readdirSync(good).filter((name) => name !== 'a.tar.zst'),
		);
		const back = await run({ operation: 'rollBack' });
		expect(back.error).toBeUndefined();
		expect(existsSync(join(root, 'new since then'))).toBe(true);
		expect(readdirSync(folder).sort()).toEqual(['a.tar.zst', 'caosroot', 'good']);
	});

	it('rehearses in a folder that is gone afterwards', async () => {
		const scratch = join(folder, 'scratch');
		const result = await run({ operation: 'rehearse', targetFolder: scratch });
		expect(result.error).toBeUndefined();
		expect(result.output('restore')[0]?.json).toMatchObject({
			kind: 'fileRootRehearsal',
			summary: expect.stringContaining('compared and removed'),
			details: { files: 2, symbolicLinks: 1 },
		});
		expect(readdirSync(folder).sort()).toEqual(['a.tar.zst', 'caosroot', 'good']);
		const options = { entryLimit: 2 };
		const limited = { operation: 'rehearse', targetFolder: scratch, fileRootOptions: options };
		expect((await run(limited)).error?.message).toContain('more than 2 entries');
		expect(existsSync(scratch)).toBe(false);
	});

	it('restores only what was chosen, also among what is there', async () => {
		const options = { choose: 'images/\n*.none' };
		const target = join(folder, 'part');
		const part = await run({ targetFolder: target, fileRootOptions: options });
		expect(part.error).toBeUndefined();
		expect(readdirSync(target, { recursive: true })).toEqual(['images', 'images/x.png']);
		const refused = await run({ ifNotEmpty: 'replace', fileRootOptions: options });
		expect(refused.error?.message).toContain('cannot replace a whole folder');
		const among = await run({ ifNotEmpty: 'overwrite', fileRootOptions: options });
		expect(among.error).toBeUndefined();
		expect(among.output('restore')[0]?.json.warnings).toEqual([
			expect.stringContaining('restored in place'),
		]);
		expect(readFileSync(join(root, 'images/x.png'), 'utf8')).toBe('x');
		expect(existsSync(join(root, 'new since then'))).toBe(true);
	});

	it('refuses options that say only half', async () => {
		const result = await run({ fileRootOptions: { linksFrom: '/a' } });
		expect(result.error?.message).toContain('Only one end of the links');
		const owner = await run({ fileRootOptions: { owner: 'caosdb' } });
		expect(owner.error?.message).toContain("'caosdb' is not an owner");
	});
});
