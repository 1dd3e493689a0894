import { chmod, mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { servers } from '../servers/index.ts';
import { CAN_MOUNT, smallDisk } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, type PipelineNode, type RunResult, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';
import { sqlCredential } from './sql-credential.ts';

/*
 * What a person meets when something is wrong: each a message that says what and where, a description
 * that says what to do, and nothing half left behind.
 */

const DATABASE = 'engine_refusals';
const TARGET = 'engine_refusals_target';
const [server] = servers('mariadb11');

let engine: Engine;
let folder: string;

beforeAll(async () => {
	engine = await openEngine(join(import.meta.dirname, '../..'));
	await server?.sql(
		`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE};
		CREATE TABLE ${DATABASE}.t (id INT PRIMARY KEY, v VARCHAR(80));
		USE ${DATABASE}; INSERT INTO t SELECT seq, SHA2(seq, 256) FROM seq_1_to_20000`,
	);
});

afterAll(async () => {
	await server?.dropDatabase(DATABASE);
	await server?.dropDatabase(TARGET);
	await engine.close();
});

beforeEach(async () => {
	folder = await temporaryFolder();
	allowFolders(folder);
	await server?.dropDatabase(TARGET);
});

function credential(over: IDataObject = {}): ICredentialDataDecryptedObject {
	if (server === undefined) throw new Error('MariaDB 11 does not run');
	return { ...sqlCredential(server, DATABASE), ...over } as ICredentialDataDecryptedObject;
}

function backup(parameters: IDataObject = {}): PipelineNode {
	return {
		type: 'sqlBackup',
		credentials: { caosDbSqlApi: 'given' },
		parameters: {
			...{ destination: 'set', backupFolder: join(folder, 'backups'), compression: 'zstd' },
			...parameters,
		},
	};
}

function restore(parameters: IDataObject): PipelineNode {
	return {
		type: 'restore',
		credentials: { caosDbSqlApi: 'given' },
		parameters: { resource: 'database', database: TARGET, ...parameters },
	};
}

async function run(
	node: PipelineNode,
	given = credential(),
	signal?: AbortSignal,
): Promise<RunResult> {
	const request = { nodes: [node], credentials: { given } };
	return await engine.run(signal === undefined ? request : { ...request, signal });
}

/** Every file and folder below the test's folder. */
async function leftBehind(): Promise<string[]> {
	return (await readdir(folder, { recursive: true })).sort();
}

async function targetExists(): Promise<boolean> {
	return (await server?.sql(`SHOW DATABASES LIKE '${TARGET}'`))?.trim() !== '';
}

function expectError(result: RunResult, message: RegExp, remedy: RegExp): void {
	expect(result.status).toBe('error');
	expect(result.error?.message).toMatch(message);
	expect(result.error?.description ?? '').toMatch(remedy);
	expect(JSON.stringify(result.error)).not.toContain('secret');
}

describe('a backup says what is wrong, and leaves nothing', () => {
	it.each([
		['a wrong password', { password: 'wrong-secret' }, /refused the login/, /password/],
		['an unknown host', { host: 'no-such-host.invalid' }, /does not answer/, /host/i],
		['a closed port', { port: 1 }, /does not answer/, /port/i],
		['a missing database', { database: 'no_such_db' }, /no_such_db/, /name/],
	])('%s', async (_what, over, message, remedy) => {
		expectError(await run(backup(), credential(over)), message, remedy);
		expect((await leftBehind()).filter((name) => name !== 'backups')).toEqual([]);
	});

	it('a folder that n8n may not use', async () => {
		const result = await run(backup({ backupFolder: '/var/tmp/not-allowed' }));
		expectError(result, /n8n may not access \/var\/tmp/, /N8N_RESTRICT_FILE_ACCESS_TO/);
	});

	it.runIf(CAN_MOUNT)('a full disk', async () => {
		const disk = await smallDisk(256);
		allowFolders(disk);
		const result = await run(backup({ backupFolder: disk, compression: 'none' }));
		expectError(result, /No space is left/, /Free space/);
		expect(await readdir(disk)).toEqual([]);
	});

	it.runIf(CAN_MOUNT)('a read-only folder', async () => {
		const disk = await smallDisk(256, ',ro');
		allowFolders(disk);
		expectError(await run(backup({ backupFolder: disk })), /read-only/, /writable/);
	});

	it('a run that is cancelled', async () => {
		const cancel = new AbortController();
		const running = run(backup({ compression: 'none' }), credential(), cancel.signal);
		const backups = join(folder, 'backups');
		while (
			!(await readdir(backups, { recursive: true }).catch(() => [])).join().includes('partial')
		)
			await sleep(5);
		cancel.abort();
		expectError(await running, /cancelled/, /Nothing is left behind/);
		while ((await readdir(backups)).length > 0) await sleep(20);
		const sessions = `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '${DATABASE}'`;
		while ((await server?.sql(sessions))?.trim() !== '0') await sleep(20);
	});

	it("an item goes on with 'On Error: Continue', fit for a message", async () => {
		const node = { ...backup(), onError: 'continueRegularOutput' as const };
		const result = await run(node, credential({ password: 'wrong-secret' }));
		expect(result.status).toBe('success');
		const [item] = result.output('sqlBackup');
		expect(item?.json).toMatchObject({ status: 'failed', code: 'sql_access_denied' });
		expect(String(item?.json.summary)).toMatch(/refused the login .* password/i);
	});

	it('an item goes to the error output when there is one', async () => {
		const node = { ...backup(), onError: 'continueErrorOutput' as const };
		const result = await run(node, credential({ password: 'wrong-secret' }));
		expect(result.output('sqlBackup')).toEqual([]);
		const [item] = result.output('sqlBackup', 1);
		expect(String(item?.json.message)).toMatch(/refused the login .* password/i);
		expect(item?.json.details).toMatchObject({ status: 'failed', code: 'sql_access_denied' });
	});
});

describe('a restore finds a damaged artifact before it touches the target', () => {
	let set: string;
	let dump: string;

	beforeEach(async () => {
		const result = await run(backup({ options: { expected: 'one' } }));
		expect(result.error).toBeUndefined();
		set = String(result.output('sqlBackup')[0]?.json.backupSet);
		dump = join(set, String(result.output('sqlBackup')[0]?.json.fileName));
	});

	it('a cut one', async () => {
		const { length } = await readFile(dump);
		await truncate(dump, length - 1000);
		const result = await run(restore({ source: 'set', backupSet: set }));
		expectError(result, /bytes|cut|ends/, /copy/);
		expect(await targetExists()).toBe(false);
	});

	it('one with a flipped bit', async () => {
		const bytes = await readFile(dump);
		const middle = bytes.length >> 1;
		bytes[middle] = (bytes[middle] ?? 0) ^ 1;
		await writeFile(dump, bytes);
		expectError(await run(restore({ source: 'set', backupSet: set })), /./, /copy/);
		expectError(await run(restore({ source: 'file', filePath: dump })), /./, /copy/);
		expect(await targetExists()).toBe(false);
	});

	it('one whose manifest is gone, and a file that is no dump', async () => {
		const noSet = join(folder, 'no-set');
		await mkdir(noSet);
		expectError(await run(restore({ source: 'set', backupSet: noSet })), /no.*backup set/, /./);
		const noDump = join(folder, 'letter.txt');
		await writeFile(noDump, 'Dear database,\n');
		expectError(await run(restore({ source: 'file', filePath: noDump })), /./, /./);
		expect(await targetExists()).toBe(false);
	});

	it('a file that may not be read', async () => {
		await chmod(set, 0o700);
		allowFolders(join(folder, 'elsewhere'));
		const result = await run(restore({ source: 'set', backupSet: set }));
		expectError(result, /may not access/, /N8N_RESTRICT_FILE_ACCESS_TO/);
	});
});
