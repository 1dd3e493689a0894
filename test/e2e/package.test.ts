import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { mustRun } from '../servers/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { installPackage, packPackage } from './community-install.ts';

const MEGABYTE = 1_000_000;

interface InstalledManifest {
	readonly n8n: { readonly nodes: readonly string[]; readonly credentials: readonly string[] };
	readonly dependencies?: unknown;
}

function parseManifest(text: string): InstalledManifest {
	return JSON.parse(text) as InstalledManifest;
}

/** Archives the folder that it is given to a file, as somebody's own program would. */
const PROGRAM = `
const { plainPorts, resolveCompression, runJob } = require(process.argv[1]);
const place = (path) => ({ path, displayPath: path });
runJob(
	'fileRootArchive',
	{
		root: place(process.argv[2]),
		destination: { kind: 'binary', fileName: 'root.tar' },
		compression: resolveCompression('none'),
		verify: true,
	},
	{ signal: new AbortController().signal, ports: plainPorts({ binaryFolder: process.argv[3] }) },
).then(({ summary }) => console.log(summary));
`;

describe('the packed package', () => {
	test('has dist, README, licence and notices, and nothing else', async () => {
		const { names } = await packPackage(await temporaryFolder());
		const beside = names.filter((name) => !name.startsWith('dist/'));
		expect(beside.sort()).toEqual([
			'LICENSE',
			'README.md',
			'THIRD-PARTY-NOTICES.txt',
			'package.json',
		]);
		expect(names.filter((name) => /(^|\/)(test|demo|bench)\//.test(name))).toEqual([]);
	});

	test('installs offline without scripts, and fetches nothing', async () => {
		const folder = await temporaryFolder();
		const { file } = await packPackage(folder);
		const installed = await installPackage(file, folder);
		expect(await readdir(installed)).not.toContain('node_modules');
		const manifest = parseManifest(await readFile(join(installed, 'package.json'), 'utf8'));
		expect(manifest.dependencies ?? {}).toEqual({});
		const entries = ['dist/index.js', 'dist/engine.js', 'dist/worker.js'];
		for (const entry of [...entries, ...manifest.n8n.nodes, ...manifest.n8n.credentials]) {
			const bundle = await readFile(join(installed, entry), 'utf8');
			expect(bundle.length).toBeLessThan(4 * MEGABYTE);
		}
	});

	test('offers the engines to a program without n8n', async () => {
		const folder = await temporaryFolder();
		const { file } = await packPackage(folder);
		const installed = await installPackage(file, folder);
		const root = join(folder, 'root');
		await mkdir(root);
		await writeFile(join(root, 'x.txt'), 'content');
		const command = [process.execPath, '-e', PROGRAM, installed, root, folder];
		const printed = await mustRun(command, { cwd: folder });
		expect(printed.toString()).toMatch(
			/^File root .* was backed up to the file root\.tar .*1 file/,
		);
		const tar = await readFile(join(folder, 'root.tar'));
		expect(tar.includes('./x.txt')).toBe(true);
	});
});
