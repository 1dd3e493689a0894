import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { readManifest, resolveCompression } from '../../lib/artifact/index.ts';
import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { fileRootVerify } from '../../lib/job/file-root-verify.ts';
import { mustRun } from '../servers/run-command.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { entriesOf } from '../tree/index-bytes.ts';
import { FILE_JOB, folderOf } from './job-context.ts';

async function fileRoot(): Promise<{ folder: string; root: string; backups: string }> {
	const folder = await temporaryFolder();
	const [root, backups] = [join(folder, 'root'), join(folder, 'backups')];
	for (const path of [root, backups, join(root, 'images')]) mkdirSync(path);
	writeFileSync(join(root, 'images/x.png'), 'x');
	return { folder, root, backups };
}

function input(root: string, backups: string) {
	return {
		root: folderOf(root),
		destination: {
			kind: 'newSet' as const,
			backups: folderOf(backups),
			instance: 'test',
			expected: ['fileRoot' as const],
		},
		compression: resolveCompression('zstd'),
		verify: true,
	};
}

describe('an archive in a backup set', () => {
	it('has its index beside it, which the manifest and SHA256SUMS list', async () => {
		const { root, backups } = await fileRoot();
		const { backupSet = '' } = await fileRootArchive(input(root, backups), FILE_JOB);
		const manifest = await readManifest(folderOf(backupSet));
		const [index, ...more] = manifest.artifacts[0]?.companions ?? [];
		expect(more).toEqual([]);
		expect(index).toMatchObject({ role: 'index', compression: { kind: 'zstd' } });
		const sums = (await mustRun(['sha256sum', '-c', 'SHA256SUMS'], { cwd: backupSet })).toString();
		expect(sums).toContain(`${index?.file}: OK`);
		const bytes = zstdDecompressSync(readFileSync(join(backupSet, index?.file ?? '')));
		expect(bytes.length).toBe(index?.contentBytes);
		expect((await entriesOf(bytes)).map(({ path }) => path)).toEqual([
			'',
			'images',
			'images/x.png',
		]);
	});

	it('is verified with its index', async () => {
		const { root, backups } = await fileRoot();
		const { backupSet = '' } = await fileRootArchive(input(root, backups), FILE_JOB);
		const choice = { source: { kind: 'set' as const, set: folderOf(backupSet) } };
		expect((await fileRootVerify(choice, FILE_JOB)).details).toMatchObject({ files: 1 });
		const [index = ''] = readdirSync(backupSet).filter((name) => name.includes('.index.'));
		const path = join(backupSet, index);
		const bytes = readFileSync(path);
		bytes[20] = (bytes[20] ?? 0) ^ 1;
		writeFileSync(path, bytes);
		await expect(fileRootVerify(choice, FILE_JOB)).rejects.toMatchObject({
			code: 'artifact_corrupt',
			message: expect.stringContaining(`${path} is damaged`),
		});
	});

	it('leaves neither archive nor index when it fails', async () => {
		const { root, backups } = await fileRoot();
		const cancel = new AbortController();
		let blocked = 0;
		const paths = {
			blocked: async (asked: readonly string[]) => {
				if (++blocked === 2) cancel.abort();
				return asked.map(() => false);
			},
		};
		const context = { ...FILE_JOB, signal: cancel.signal, ports: { ...FILE_JOB.ports, paths } };
		const running = fileRootArchive(input(root, backups), context);
		await expect(running).rejects.toMatchObject({ code: 'cancelled' });
		expect(readdirSync(backups, { recursive: true })).toEqual([]);
	});
});
