import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { realBackup } from '../fixtures/real-backup.ts';
import { type TestServer, debianTool, mustRun, servers } from '../servers/index.ts';
import { treeDifferences } from '../tree/compare-trees.ts';
import { type N8nInstance, startN8n } from './n8n-instance.ts';
import { TRIGGER, pipelineWorkflow } from './pipeline-workflow.ts';
import {
	type RunOutcome,
	importCredentials,
	importWorkflows,
	startInServer,
	stopInServer,
	waitForExecution,
} from './workflow-run.ts';

/*
 * The whole story in a real n8n: the packed tarball is installed, LinkAhead's own backup is backed up
 * and restored by a workflow, and the standard tools find source and target equal.
 */

const WORKFLOW = 'e2ePipeline00001';
const SQL_CREDENTIAL = 'e2eSqlCredential';
const SOURCE = 'e2e_source';
const TARGET = 'e2e_target';

let folder: string;
let n8n: N8nInstance;
let outcome: RunOutcome;
const [server] = servers('mariadb11');

function database(): TestServer {
	if (server === undefined) throw new Error('MariaDB 11 does not run');
	return server;
}

function sqlCredential({ address }: TestServer): Parameters<typeof importCredentials>[1][0] {
	const { host, port, user, password } = address;
	const data = { connectBy: 'host', host, port, user, password, database: SOURCE, ssl: false };
	return { id: SQL_CREDENTIAL, name: 'CaosDB SQL', type: 'caosDbSqlApi', data };
}

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'n8n-caosdb-pipeline-'));
	const fileRoot = join(folder, 'caosroot');
	await mkdir(fileRoot);
	const { archiveFile } = await realBackup();
	execFileSync('tar', ['-xpzf', archiveFile, '-C', fileRoot, '--strip-components=4']);
	await loadRealBackup(database(), SOURCE);
	await database().dropDatabase(TARGET);
	n8n = await startN8n({ allowedFolders: [folder] });
	await importCredentials(n8n, [sqlCredential(database())]);
	const workflow = pipelineWorkflow(WORKFLOW, {
		fileRoot,
		restoredRoot: join(folder, 'restored'),
		restoredDatabase: TARGET,
		backupFolder: join(folder, 'backups'),
		credentialId: SQL_CREDENTIAL,
	});
	await importWorkflows(n8n, [workflow]);
	outcome = await waitForExecution(n8n, await startInServer(n8n, WORKFLOW, TRIGGER));
});

afterAll(async () => {
	await n8n.stop();
	await rm(folder, { recursive: true, force: true });
	await database().dropDatabase(SOURCE);
	await database().dropDatabase(TARGET);
});

async function standardDump(name: string): Promise<string[]> {
	const options = ['--routines', '--events', '--triggers', '--hex-blob', '--skip-dump-date'];
	const dump = await database().dump([...options, '--order-by-primary', name]);
	return dump.toString('latin1').replaceAll(name, 'the_database').split('\n');
}

/** Sessions of n8n whose database or statement names something. */
function reading(name: string): string {
	return `SELECT COUNT(*) FROM information_schema.PROCESSLIST
		WHERE ID <> CONNECTION_ID() AND (DB = '${name}' OR INFO LIKE '%FROM \`${name}\`%')`;
}

async function untilCount(query: string, isReached: (count: number) => boolean): Promise<void> {
	while (!isReached(Number(await database().sql(query)))) await sleep(20);
}

describe('the pipeline in a real n8n', () => {
	test('runs through, each node telling what it did in one sentence', () => {
		expect(outcome.error).toBeUndefined();
		expect(outcome.status).toBe('success');
		const summaries = Object.values(outcome.json).map(({ summary }) => summary);
		expect(summaries.slice(1)).toEqual([
			expect.stringMatching(/^Database e2e_source was backed up to .* 50 tables with 2,903 rows/),
			expect.stringMatching(/^File root .* was backed up to .* 29 files .* 31 symbolic links/),
			expect.stringMatching(/^Database e2e_target was restored in .* 50 tables with 2,903 rows/),
			expect.stringMatching(/^File root .* was restored in .* 29 files .* 31 symbolic links/),
		]);
	});

	test('leaves a database that mariadb-dump finds equal', async () => {
		expect(await standardDump(TARGET)).toEqual(await standardDump(SOURCE));
	});

	test('leaves a file root that is equal', () => {
		expect(treeDifferences(join(folder, 'caosroot'), join(folder, 'restored'))).toEqual([]);
	});

	test('leaves a set that the standard tools check and unpack to an equal tree', async () => {
		const set = String(outcome.json['SQL Backup']?.backupSet);
		await mustRun(['sha256sum', '--check', '--quiet', 'SHA256SUMS'], { cwd: set });
		const names = await readdir(set);
		const archive = names.find((name) => name.endsWith('.tar.zst')) ?? '';
		const zstd = await debianTool({ program: 'zstd', package: 'zstd' });
		const tar = await mustRun([...zstd, '-dc', join(set, archive)]);
		const unpacked = join(folder, 'by-gnu-tar');
		await mkdir(unpacked);
		await mustRun(['tar', '-xpf', '-', '-C', unpacked], { stdin: tar });
		expect(treeDifferences(join(folder, 'caosroot'), unpacked)).toEqual([]);
	});

	test('tells what a node that fails says, and what to do', async () => {
		const again = await waitForExecution(n8n, await startInServer(n8n, WORKFLOW, TRIGGER));
		expect(again.status).toBe('error');
		expect(again.error).toContain(`Database ${TARGET} is not empty`);
		expect(again.error).toContain('Restore into a new database');
	});

	test('finds files that are not as the database says, and files that are gone', async () => {
		const info = join(folder, 'caosroot', 'Analyses');
		const [first = '', second = ''] = (
			await readdir(info, { recursive: true, withFileTypes: true })
		)
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.sort();
		const content = await readFile(first);
		content[0] = (content[0] ?? 0) ^ 1;
		await writeFile(first, content);
		const changed = await waitForExecution(n8n, await startInServer(n8n, WORKFLOW, TRIGGER));
		expect(changed.json['File Root Archive']?.details).toMatchObject({
			crossCheck: { rows: 60, agreeingFiles: 28, different: 1, missing: 0 },
		});
		await rm(second);
		const gone = await waitForExecution(n8n, await startInServer(n8n, WORKFLOW, TRIGGER));
		expect(gone.status).toBe('error');
		expect(gone.error).toMatch(/lacks 1 of 60 files .*'Allow Missing Files'/s);
	});

	test('stops when a person stops it: no session, no file is left', async () => {
		await database().sql(
			`CREATE TABLE bulk (id INT PRIMARY KEY, v CHAR(200));
			INSERT INTO bulk SELECT seq, REPEAT(SHA2(seq, 256), 3) FROM seq_1_to_400000`,
			SOURCE,
		);
		const instance = join(folder, 'backups', SOURCE);
		const before = await readdir(instance);
		const execution = await startInServer(n8n, WORKFLOW, TRIGGER);
		await untilCount(reading('bulk'), (count) => count > 0);
		await stopInServer(n8n, execution);
		expect((await waitForExecution(n8n, execution)).status).toBe('canceled');
		await untilCount(reading(SOURCE), (count) => count === 0);
		while ((await readdir(instance)).length > before.length) await sleep(50);
		expect(await readdir(instance)).toEqual(before);
	});
});
