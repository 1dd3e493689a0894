import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ADMIN, type Emulator } from '../emulator/index.ts';
import type { RawClient } from '../emulator/raw-client.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { fillLaboratory, insertFile } from '../entity/laboratory.ts';
import { documentOf } from '../entity/read-document.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, type RunResult, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';

let engine: Engine;
let emulator: Emulator;
let raw: RawClient;
let folder: string;

beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

beforeEach(async () => {
	folder = await temporaryFolder();
	allowFolders(folder);
	({ emulator, client: raw } = await testEmulator());
	await fillLaboratory(raw);
	await insertFile(raw, '/lab/ü 1.txt', 'content of one');
	await insertFile(raw, '/lab/large.bin', 'x'.repeat(1_500_000));
});

function credential(): ICredentialDataDecryptedObject {
	return {
		url: emulator.url,
		authenticateWith: 'password',
		user: ADMIN.name,
		password: ADMIN.password,
	};
}

async function run(
	parameters: IDataObject,
	options: IDataObject = {},
	signal?: AbortSignal,
): Promise<RunResult> {
	const given = {
		...{ selectBy: 'all', include: ['needed'], format: 'bundle', idMode: 'temporary' },
		...{ destination: 'file', filePath: join(folder, 'e.tar'), compression: 'none' },
	};
	return await engine.run({
		nodes: [
			{
				type: 'xmlExport',
				parameters: { ...given, ...parameters, options },
				credentials: { caosDbApi: 'server' },
			},
		],
		credentials: { server: credential() },
		...(signal === undefined ? {} : { signal }),
	});
}

describe('CaosDB XML Export', () => {
	it('writes a bundle that tar unpacks, with document and contents', async () => {
		const result = await run({});
		expect(result.error).toBeUndefined();
		expect(result.output('xmlExport')[0]?.json).toMatchObject({
			...{ kind: 'entities', status: 'complete', fileName: 'e.tar', warnings: [] },
			details: { entities: 18, files: 2, fileBytes: 1_500_014, ids: 'temporary' },
		});
		execFileSync('tar', ['-xf', join(folder, 'e.tar'), '-C', folder]);
		expect(readFileSync(join(folder, 'downloads/lab/ü 1.txt'), 'utf8')).toBe('content of one');
		expect(readFileSync(join(folder, 'downloads/lab/large.bin')).length).toBe(1_500_000);
		const document = documentOf(await readFile(join(folder, 'caosdb_data.xml')));
		expect(await document.all()).toHaveLength(18);
		expect(document.rootName).toBe('Entities');
		expect(readdirSync(folder).sort()).toEqual(['caosdb_data.xml', 'downloads', 'e.tar']);
	});

	it('makes a backup set of its own that verifies', async () => {
		const backups = join(folder, 'backups');
		const result = await run({ destination: 'set', backupFolder: backups, compression: 'zstd' });
		const json = result.output('xmlExport')[0]?.json;
		expect(json).toMatchObject({ setState: 'complete', status: 'complete' });
		const set = String(json?.backupSet);
		expect(readdirSync(set).some((name) => /^entities\..*\.tar\.zst$/.test(name))).toBe(true);
		expect(String(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: set }))).toContain('OK');
	});

	it('gives a document into a binary field', async () => {
		const result = await run({
			...{ selectBy: 'names', names: 'S1\nS2', destination: 'binary', outputField: 'data' },
			format: 'document',
		});
		const [item] = result.output('xmlExport');
		const binary = item?.binary?.data;
		if (binary === undefined) throw new Error('There is no binary field.');
		const entities = await documentOf(await engine.readBinary(binary)).all();
		expect(entities.map(({ name }) => name)).toContain('S2');
		expect(binary.fileName).toMatch(/^entities\..*\.xml$/);
	});

	it('gives small selections as items', async () => {
		const parameters = {
			selectBy: 'query',
			query: 'FIND RECORD Sample',
			include: [],
			idMode: 'keep',
		};
		const result = await run({ ...parameters, destination: 'items' });
		const items = result.output('xmlExport').map(({ json }) => json);
		expect(items.map(({ name }) => name)).toEqual(['S1', 'S2', 'S3']);
		expect(items[0]).toMatchObject({ role: 'Record', parents: [{ name: 'Sample' }] });
		const tooMany = await run({ ...parameters, destination: 'items' }, { maxItems: 2 });
		expect(tooMany.error?.context?.code).toBe('limit_exceeded');
	});

	it('leaves large files out as chosen, and writes roles beside', async () => {
		const result = await run(
			{},
			{ maxFileMb: 1, roles: 'administration', documentName: 'linkahead_data.xml' },
		);
		expect(result.output('xmlExport')[0]?.json).toMatchObject({
			warnings: ['Left out as chosen: 1 larger file (1.50 MB).'],
			details: { files: 1, leftOut: 1 },
		});
		const listed = String(execFileSync('tar', ['-tf', join(folder, 'e.tar')])).split('\n');
		expect(listed.slice(0, 3)).toEqual(['linkahead_data.xml', 'roles.xml', 'downloads/']);
	});

	it('says what went wrong, and leaves nothing behind', async () => {
		emulator.faults.add({
			fault: { kind: 'redirect', location: 'http://x/' },
			times: 0,
			path: 'query',
		});
		const redirected = await run({});
		expect(redirected.error?.context?.code).toBe('server_answer_invalid');
		emulator.faults.clear();
		emulator.faults.add({ fault: { kind: 'wrong-checksum' }, times: 0, path: '/FileSystem/' });
		const corrupt = await run({});
		expect(corrupt.error?.context?.code).toBe('entity_file_corrupt');
		emulator.faults.clear();
		expect(readdirSync(folder)).toEqual([]);
		const refused = await run({ selectBy: 'query', query: 'FIND RECORD WITH ' });
		expect(refused.error?.context?.code).toBe('server_refused');
	});

	it('stops within a second and leaves nothing behind', async () => {
		emulator.faults.add({ fault: { kind: 'slow', delay: 20_000 }, times: 0, path: 'query' });
		const cancel = new AbortController();
		setTimeout(() => cancel.abort(), 500);
		const result = await run({}, {}, cancel.signal);
		expect(result.error?.context?.code).toBe('cancelled');
		expect(readdirSync(folder)).toEqual([]);
	});
});

describe('the test of the credential', () => {
	it('tells who is there, or why not', async () => {
		const test = async (data: ICredentialDataDecryptedObject) =>
			await engine.testCredential('xmlExport', 'serverConnectionTest', data);
		const good = await test(credential());
		expect(good).toMatchObject({ status: 'OK' });
		expect(good.message).toMatch(/as admin@PAM with the roles administration$/);
		const token = {
			url: emulator.url,
			authenticateWith: 'token',
			authToken: emulator.authToken('admin'),
		};
		expect(await test(token)).toMatchObject({ status: 'OK' });
		const wrong = await test({ ...credential(), password: 'no' });
		expect(wrong.message).toContain('refused the login');
		const nowhere = await test({ ...credential(), url: 'http://127.0.0.1:1' });
		expect(nowhere.message).toContain('does not answer');
		expect(nowhere.message).not.toContain('ECONNREFUSED');
		expect(await test({ ...credential(), url: 'x' })).toMatchObject({ status: 'Error' });
	});
});
