import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { ADMIN } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { freePort, servers } from '../servers/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';
import { sqlCredential } from './sql-credential.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

const DATABASE = 'node_offline';
const server = servers()[0];

async function run(url: string, parameters: IDataObject) {
	if (server === undefined) throw new Error('no server');
	const result = await engine.run({
		credentials: {
			server: {
				...{ url, authenticateWith: 'password', user: ADMIN.name, password: 'wrong' },
			},
			sql: sqlCredential(server, DATABASE),
		},
		nodes: [
			{
				type: 'restore',
				credentials: { caosDbApi: 'server', caosDbSqlApi: 'sql' },
				parameters,
			},
		],
	});
	return { error: result.error, json: result.output('restore')[0]?.json };
}

async function fileRoot() {
	const folder = await temporaryFolder();
	allowFolders(folder);
	const root = join(folder, 'root');
	const archive = join(folder, 'a.tar');
	const made = join(folder, 'made');
	await mkdir(made);
	await writeFile(join(made, 'x'), 'content');
	const parameters = {
		fileRoot: made,
		destination: 'file',
		filePath: archive,
		compression: 'none',
	};
	const archived = await engine.run({ nodes: [{ type: 'fileRootArchive', parameters }] });
	expect(archived.error).toBeUndefined();
	const source = { resource: 'fileRoot', source: 'file', filePath: archive, targetFolder: root };
	return { root, source };
}

describe('CaosDB Restore with the credential of the CaosDB server', () => {
	it('refuses every way to replace something while that server answers', async () => {
		const { emulator } = await testEmulator();
		const { source } = await fileRoot();
		for (const parameters of [
			source,
			{ ...source, operation: 'rollBack' },
			{ resource: 'database', source: 'file', filePath: '/nowhere' },
			{ resource: 'database', operation: 'rollBack' },
		]) {
			const { error } = await run(emulator.url, parameters);
			expect(error?.message).toBe(`The CaosDB server at ${new URL(emulator.url).host} is running`);
			expect(error?.description).toContain('Stop it first');
		}
	});

	it('restores when it is allowed', async () => {
		const { emulator } = await testEmulator();
		const { root, source } = await fileRoot();
		const fileRootOptions = { allowRunningServer: true };
		const { error } = await run(emulator.url, { ...source, fileRootOptions });
		expect(error).toBeUndefined();
		expect(await readFile(join(root, 'x'), 'utf8')).toBe('content');
	});

	it('restores when nothing answers, and when a proxy says that nobody is behind it', async () => {
		const { source } = await fileRoot();
		const { error } = await run(`http://127.0.0.1:${await freePort()}`, source);
		expect(error).toBeUndefined();
		const proxy = createServer((_request, response) => void response.writeHead(502).end('gone'));
		await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
		onTestFinished(() => void proxy.close());
		const address = proxy.address();
		const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
		const { source: other } = await fileRoot();
		expect((await run(`http://127.0.0.1:${port}`, other)).error).toBeUndefined();
	});

	it('asks nobody before it verifies', async () => {
		const { emulator } = await testEmulator();
		const { source } = await fileRoot();
		const { error, json } = await run(emulator.url, { ...source, operation: 'verify' });
		expect(error).toBeUndefined();
		expect(json).toMatchObject({ kind: 'fileRootVerify' });
	});
});
