import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import {
	type ArtifactEntry,
	type BackupSet,
	type Folder,
	createBackupSet,
	findArtifact,
	joinBackupSet,
	parseManifest,
	readManifest,
} from '../../lib/artifact/index.ts';
import { EngineError } from '../../lib/core/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function folder(): Promise<Folder> {
	const path = await temporaryFolder();
	return { path, displayPath: path };
}

async function newSet(
	backups: Folder,
	expected: readonly ['sql'] | readonly ['sql', 'fileRoot'],
): Promise<BackupSet> {
	return await createBackupSet({ backups, instance: 'caosdb', expected });
}

async function artifact(set: BackupSet, kind: 'sql' | 'fileRoot'): Promise<ArtifactEntry> {
	const file = `${kind}.txt`;
	await writeFile(join(set.folder.path, file), 'content');
	const sha256 = execFileSync('sha256sum', [join(set.folder.path, file)])
		.toString()
		.slice(0, 64);
	const time = new Date().toISOString();
	return {
		kind,
		file,
		status: 'complete',
		bytes: 7,
		sha256,
		contentBytes: 7,
		contentSha256: sha256,
		compression: { kind: 'none', level: 0 },
		startedAt: time,
		finishedAt: time,
		details: {},
	};
}

const FAILURE = new EngineError('disk_full', 'No space is left');

describe('a backup set', () => {
	it('is complete when every expected artifact is in it, and sha256sum agrees', async () => {
		const backups = await folder();
		const first = await newSet(backups, ['sql', 'fileRoot']);
		expect((await first.add(await artifact(first, 'sql'))).state).toBe('open');
		const second = await joinBackupSet(first.folder, 'fileRoot');
		expect((await second.add(await artifact(second, 'fileRoot'))).state).toBe('complete');
		expect(await readManifest(first.folder)).toEqual(second.manifest);
		expect((await readdir(first.folder.path)).sort()).toEqual([
			'SHA256SUMS',
			'fileRoot.txt',
			'manifest.json',
			'sql.txt',
		]);
		const check = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: first.folder.path });
		expect(check.toString()).toBe('sql.txt: OK\nfileRoot.txt: OK\n');
	});

	it('gives every run a folder of its own', async () => {
		const backups = await folder();
		const sets = await Promise.all([newSet(backups, ['sql']), newSet(backups, ['sql'])]);
		expect(new Set(sets.map((set) => set.folder.path)).size).toBe(2);
	});

	it('disappears when its first artifact fails', async () => {
		const backups = await folder();
		const set = await newSet(backups, ['sql']);
		await writeFile(join(set.folder.path, 'x.partial'), 'half');
		await set.fail('sql', FAILURE);
		expect(await readdir(backups.path)).toEqual([]);
	});

	it('says that a later artifact failed, keeps the first, and can be joined again', async () => {
		const set = await newSet(await folder(), ['sql', 'fileRoot']);
		await set.add(await artifact(set, 'sql'));
		await (await joinBackupSet(set.folder, 'fileRoot')).fail('fileRoot', FAILURE);
		const failed = await readManifest(set.folder);
		expect(failed).toMatchObject({
			state: 'failed',
			failure: { kind: 'fileRoot', code: 'disk_full' },
		});
		expect(findArtifact(failed, 'sql').file).toBe('sql.txt');
		expect(() => findArtifact(failed, 'fileRoot')).toThrow('no fileRoot artifact');
		const again = await joinBackupSet(set.folder, 'fileRoot');
		const done = await again.add(await artifact(again, 'fileRoot'));
		expect(done.state).toBe('complete');
		expect(done.failure).toBeUndefined();
	});

	it('is written by one run at a time', async () => {
		const set = await newSet(await folder(), ['sql', 'fileRoot']);
		await set.add(await artifact(set, 'sql'));
		const joined = await joinBackupSet(set.folder, 'fileRoot');
		await expect(joinBackupSet(set.folder, 'fileRoot')).rejects.toMatchObject({ code: 'set_busy' });
		await joined.add(await artifact(joined, 'fileRoot'));
		await expect(joinBackupSet(set.folder, 'fileRoot')).rejects.toMatchObject({
			code: 'path_exists',
		});
	});

	it('clears away what a killed run left', async () => {
		const backups = await folder();
		const script =
			`const { createBackupSet } = await import(${JSON.stringify(join(import.meta.dirname, '../../lib/artifact/index.ts'))});` +
			`const path = ${JSON.stringify(backups.path)};` +
			`const set = await createBackupSet({ backups: { path, displayPath: path }, instance: 'caosdb', expected: ['sql'] });` +
			`(await import('node:fs')).writeFileSync(set.folder.path + '/dump.sql.partial', 'half');` +
			`console.log('ready'); setInterval(() => {}, 1000);`;
		const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
		await once(child.stdout, 'data');
		const alive = await newSet(backups, ['sql']);
		expect(await readdir(join(backups.path, 'caosdb'))).toHaveLength(2);
		child.kill('SIGKILL');
		await once(child, 'exit');
		const after = await newSet(backups, ['sql']);
		const left = await readdir(join(backups.path, 'caosdb'));
		expect(left.map((name) => join(backups.path, 'caosdb', name)).sort()).toEqual(
			[alive.folder.path, after.folder.path].sort(),
		);
	});

	it('takes a lock over from an owner elsewhere that stopped touching it', async () => {
		const set = await newSet(await folder(), ['sql', 'fileRoot']);
		await set.add(await artifact(set, 'sql'));
		const lock = join(set.folder.path, '.lock');
		await writeFile(lock, 'other-host other-boot 1 1 thread-0\n');
		await expect(joinBackupSet(set.folder, 'fileRoot')).rejects.toMatchObject({ code: 'set_busy' });
		const past = new Date(Date.now() - 10 * 60_000);
		await utimes(lock, past, past);
		await expect(joinBackupSet(set.folder, 'fileRoot')).resolves.toBeDefined();
	});

	it('names the newest set when the folder above is given', async () => {
		const backups = await folder();
		const set = await newSet(backups, ['sql']);
		await set.add(await artifact(set, 'sql'));
		await expect(readManifest(backups)).rejects.toMatchObject({
			code: 'manifest_missing',
			remedy: expect.stringContaining(set.folder.path),
		});
		await mkdir(join(backups.path, 'empty'));
		const empty = join(backups.path, 'empty');
		await expect(readManifest({ path: empty, displayPath: empty })).rejects.toMatchObject({
			code: 'manifest_missing',
		});
	});

	it.each([
		['not JSON', 'x'],
		['a future version', '{"schemaVersion": 2}'],
		['no artifacts', '{"schemaVersion": 1, "id": "a/b"}'],
	])('refuses a manifest with %s', (_what, text) => {
		expect(() => parseManifest(text, 'manifest.json')).toThrow(
			expect.objectContaining({ code: 'manifest_invalid' }),
		);
	});

	it('refuses a manifest that says complete and lacks an artifact, or leads out of its folder', async () => {
		const set = await newSet(await folder(), ['sql']);
		await set.add(await artifact(set, 'sql'));
		const text = await readFile(join(set.folder.path, 'manifest.json'), 'utf8');
		for (const [from, to] of [
			['"sql.txt"', '"../sql.txt"'],
			['"expected": [\n    "sql"', '"expected": [\n    "fileRoot",\n    "sql"'],
		] as const) {
			expect(text).toContain(from);
			expect(() => parseManifest(text.replace(from, to), 'm')).toThrow(
				expect.objectContaining({ code: 'manifest_invalid' }),
			);
		}
	});
});
