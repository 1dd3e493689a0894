import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';

const PACKAGE = join(import.meta.dirname, '../..');

let engine: Engine;
beforeAll(async () => void (engine = await openEngine(PACKAGE)));
afterAll(async () => await engine.close());

describe("n8n's engine", () => {
	it('loads the built package', () => {
		const names = ['sqlBackup', 'fileRootArchive', 'restore'];
		expect(names.map((name) => engine.nodeType(name).description.displayName)).toEqual([
			'CaosDB SQL Backup',
			'CaosDB File Root Archive',
			'CaosDB Restore',
		]);
	});

	it('runs a pipeline with files and binary data', async () => {
		const folder = await temporaryFolder();
		allowFolders(folder);
		await mkdir(join(folder, 'root'));
		await writeFile(join(folder, 'root/x.txt'), 'content');
		const result = await engine.run({
			nodes: [
				{
					type: 'fileRootArchive',
					parameters: {
						fileRoot: join(folder, 'root'),
						destination: 'binary',
						compression: 'none',
					},
				},
				{
					type: 'restore',
					parameters: {
						resource: 'fileRoot',
						source: 'binary',
						targetFolder: join(folder, 'restored'),
					},
				},
			],
		});
		expect(result.error).toBeUndefined();
		expect(result.status).toBe('success');
		const [item] = result.output('fileRootArchive');
		expect(item?.binary?.data).toMatchObject({
			mimeType: 'application/x-tar',
			fileExtension: 'tar',
		});
		const tar = await engine.readBinary(item?.binary?.data ?? { data: '', mimeType: '' });
		expect(tar.subarray(257, 262).toString()).toBe('ustar');
		expect(await readFile(join(folder, 'restored/x.txt'), 'utf8')).toBe('content');
	});
});
