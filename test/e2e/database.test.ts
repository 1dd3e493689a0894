import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { type TestServer, contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { type N8nInstance, startN8n } from './n8n-instance.ts';
import {
	type RunOutcome,
	type WorkflowJson,
	importCredentials,
	importWorkflows,
	startInServer,
	waitForExecution,
} from './workflow-run.ts';

/*
 * The life of a database in a real n8n: backed up, changed, restored, rolled back; and carried by a binary
 * field, as a dump that another node has fetched.
 */

const TRIGGER = 'Run Now';
const CREDENTIAL = 'e2eLifeSql000001';
const [DATABASE, COPY] = ['e2e_life', 'e2e_life_copy'];

let folder: string;
let n8n: N8nInstance;

function database(): TestServer {
	const [server] = servers('mariadb11');
	if (server === undefined) throw new Error('MariaDB 11 does not run');
	return server;
}

type Step = readonly [type: string, parameters: Readonly<Record<string, unknown>>];

/** Steps one after the other, each named by its place: `Step 1`, `Step 2`. */
function workflow(id: string, ...steps: readonly Step[]): WorkflowJson {
	const credentials = { caosDbSqlApi: { id: CREDENTIAL, name: 'CaosDB SQL' } };
	const trigger = { name: TRIGGER, type: 'n8n-nodes-base.manualTrigger', parameters: {} };
	const all = [
		trigger,
		...steps.map(([type, parameters], index) => ({
			...{ name: `Step ${index + 1}`, type: `n8n-nodes-caosdb.${type}`, credentials, parameters },
		})),
	];
	const nodes = all.map((node, index) => ({
		...node,
		...{ id: `${id}-${index}`, typeVersion: 1, position: [220 * index, 0] },
	}));
	const connections = Object.fromEntries(
		all
			.slice(1)
			.map(({ name }, index) => [
				all[index]?.name ?? '',
				{ main: [[{ node: name, type: 'main', index: 0 }]] },
			]),
	);
	return {
		...{ id, name: id, active: false, nodes, connections },
		settings: { executionOrder: 'v1' },
	};
}

async function dropAll(): Promise<void> {
	const found = await database().sql("SHOW DATABASES LIKE 'e2e\\_life%'");
	for (const name of found.split('\n').filter(Boolean)) await database().dropDatabase(name);
}

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'n8n-caosdb-database-'));
	const backupFolder = join(folder, 'backups');
	await mkdir(backupFolder);
	await dropAll();
	await loadRealBackup(database(), DATABASE);
	await database().sql(`GRANT ALL ON \`e2e\\_life%\`.* TO 'caosdb'@'%'`);
	n8n = await startN8n({ allowedFolders: [folder] });
	const { host, port, user, password } = database().address;
	const data = { connectBy: 'host', host, port, user, password, database: DATABASE, ssl: false };
	await importCredentials(n8n, [
		{ id: CREDENTIAL, name: 'CaosDB SQL', type: 'caosDbSqlApi', data },
	]);
	const set = { resource: 'database', source: 'set', backupSet: join(backupFolder, DATABASE) };
	const existingContent = 'replaceKeep';
	await importWorkflows(n8n, [
		workflow('lifeBackUp', ['sqlBackup', { backupFolder, options: { expected: 'one' } }]),
		workflow('lifeVerify', ['restore', { ...set, operation: 'verify', existingContent }]),
		workflow('lifeRehearse', ['restore', { ...set, operation: 'rehearse' }]),
		workflow('lifeRestore', ['restore', { ...set, existingContent }]),
		workflow('lifeRollBack', ['restore', { resource: 'database', operation: 'rollBack' }]),
		workflow(
			'lifeBinary',
			['sqlBackup', { destination: 'binary' }],
			['restore', { resource: 'database', source: 'binary', database: COPY }],
		),
	]);
});

afterAll(async () => {
	await n8n.stop();
	await rm(folder, { recursive: true, force: true });
	await dropAll();
});

async function run(id: string, step = 'Step 1'): Promise<RunOutcome['json'][string]> {
	const outcome = await waitForExecution(n8n, await startInServer(n8n, id, TRIGGER));
	expect(outcome.error).toBeUndefined();
	return outcome.json[step] ?? {};
}

describe('a database in a real n8n', () => {
	test('is backed up, changed, restored and rolled back', async () => {
		const good = await databaseContent(database(), DATABASE);
		expect((await run('lifeBackUp')).summary).toMatch(/50 tables with 2,903 rows, 87 routines/);
		await database().sql(
			"UPDATE name_data SET value = CONCAT(value, ' ü'); DROP PROCEDURE getFile; CREATE TABLE since_then (a INT)",
			DATABASE,
		);
		const changed = await databaseContent(database(), DATABASE);

		expect((await run('lifeVerify')).summary).toContain('is whole and can be restored');
		expect((await run('lifeRehearse')).summary).toContain('compared by checksums');
		expect(contentDifferences(changed, await databaseContent(database(), DATABASE))).toEqual([]);

		const restored = await run('lifeRestore');
		expect(restored.summary).toMatch(/compared by checksums with its manifest: 50 tables/);
		expect(contentDifferences(good, await databaseContent(database(), DATABASE))).toEqual([]);
		expect((restored.details as { schemaVersion: string }).schemaVersion).toBe('v5.0.0');

		const back = await run('lifeRollBack');
		expect(back.summary).toContain(`has the content of ${String(restored.keptDatabase)} again`);
		expect(contentDifferences(changed, await databaseContent(database(), DATABASE))).toEqual([]);
	});

	test('comes back from a binary field', async () => {
		const restored = await run('lifeBinary', 'Step 2');
		expect(restored.summary).toMatch(/^Database e2e_life_copy was restored in /);
		const [before, after] = [
			await databaseContent(database(), DATABASE),
			await databaseContent(database(), COPY),
		];
		expect(contentDifferences(before, after)).toEqual([]);
	});
});
