import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { type Engine, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';
import { sqlCredential } from './sql-credential.ts';

const DATABASE = 'node_restore';
const CREDENTIAL = { caosDbSqlApi: 'given' };

let engine: Engine;
beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

describe.each(servers())('the operations of CaosDB Restore on $id', (server) => {
	const credentials = () => ({ given: sqlCredential(server, DATABASE) });
	const node = async (parameters: IDataObject) => {
		const result = await engine.run({
			credentials: credentials(),
			nodes: [{ type: 'restore', credentials: CREDENTIAL, parameters }],
		});
		return { ...result, json: result.output('restore')[0]?.json ?? {} };
	};
	const databases = async () =>
		(await server.sql(`SHOW DATABASES LIKE '${DATABASE}%'`)).split('\n').filter(Boolean);
	let folder = '';
	let set = '';

	beforeAll(async () => {
		for (const name of await databases()) await server.dropDatabase(name);
		await server.sql(`CREATE DATABASE ${DATABASE}`);
		await server.sql(
			`CREATE TABLE entities (id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO entities VALUES (0, 'old'), (1, 'x');
			CREATE FUNCTION CaosDBVersion() RETURNS VARCHAR(20) DETERMINISTIC RETURN 'v9.9.9';`,
			DATABASE,
		);
		folder = await mkdtemp(join(tmpdir(), 'n8n-caosdb-restore-'));
		allowFolders(folder);
		const { error, output } = await engine.run({
			credentials: credentials(),
			nodes: [
				{
					...{ type: 'sqlBackup', credentials: CREDENTIAL },
					parameters: { destination: 'set', backupFolder: folder },
				},
			],
		});
		expect(error).toBeUndefined();
		set = String(output('sqlBackup')[0]?.json.backupSet);
	});
	afterAll(async () => {
		for (const name of await databases()) await server.dropDatabase(name);
		await rm(folder, { recursive: true, force: true });
	});

	it('verifies a backup and changes nothing', async () => {
		const before = await databaseContent(server, DATABASE);
		const refused = await node({ operation: 'verify', source: 'set', backupSet: set });
		expect(refused.error?.message).toContain('is not empty');
		const existingContent = 'replaceKeep';
		const { json } = await node({
			...{ operation: 'verify', source: 'set', backupSet: set, existingContent },
		});
		expect(json).toMatchObject({ kind: 'sqlVerify', status: 'complete' });
		expect(json.details).toMatchObject({ target: 'filled', method: 'staged', obstacles: [] });
		expect(contentDifferences(before, await databaseContent(server, DATABASE))).toEqual([]);
		expect(await databases()).toEqual([DATABASE]);
	});

	it('rehearses a restore in a scratch database', async () => {
		const { json } = await node({ operation: 'rehearse', source: 'set', backupSet: set });
		expect(json).toMatchObject({ kind: 'sqlRehearsal', status: 'complete' });
		expect(json.details).toMatchObject({ rows: 2, verifiedBy: 'checksums' });
		expect(await databases()).toEqual([DATABASE]);
	});

	it('takes single tables out of a set, into a database of their own', async () => {
		const database = `${DATABASE}_part`;
		const part = { source: 'set', backupSet: set, database, options: { tables: 'entities, ' } };
		const { json, error } = await node(part);
		expect(error).toBeUndefined();
		expect(json.summary).toContain('1 table with 2 rows, 0 routines');
		await server.dropDatabase(database);
		const { error: refused } = await node({ ...part, options: { tables: 'nothing' } });
		expect(refused?.message).toBe("The backup has no table 'nothing'");
		expect(await databases()).toEqual([DATABASE]);
	});

	it('refuses a number of connections that makes no sense', async () => {
		const options = { connections: 9 };
		const { error } = await node({ source: 'set', backupSet: set, options });
		expect(error?.message).toContain("'connections' is 9");
	});

	it('refuses a target that is not empty by default', async () => {
		const { error } = await node({ source: 'set', backupSet: set });
		expect(error?.message).toContain('is not empty');
		expect(await databases()).toEqual([DATABASE]);
	});

	it('restores, keeps the old content, and rolls back', async () => {
		const original = await databaseContent(server, DATABASE);
		await server.sql("UPDATE entities SET name = 'changed'", DATABASE);
		const changed = await databaseContent(server, DATABASE);
		const { json, error } = await node({
			...{ source: 'set', backupSet: set, existingContent: 'replaceKeep' },
			options: { connections: 3 },
		});
		expect(error).toBeUndefined();
		expect(json).toMatchObject({ kind: 'sqlRestore', status: 'complete', database: DATABASE });
		expect(json.details).toMatchObject({
			...{ method: 'staged', verifiedBy: 'checksums', schemaVersion: 'v9.9.9' },
		});
		expect(contentDifferences(original, await databaseContent(server, DATABASE))).toEqual([]);
		expect(await databases()).toEqual([DATABASE, json.keptDatabase]);

		const back = await node({ operation: 'rollBack' });
		expect(back.json).toMatchObject({ kind: 'sqlRollBack', from: json.keptDatabase });
		expect(contentDifferences(changed, await databaseContent(server, DATABASE))).toEqual([]);

		// As a workflow does that got no answer.
		const repeated = await node({
			...{ operation: 'rollBack', keptDatabase: json.keptDatabase as string },
		});
		expect(repeated.json).toMatchObject({ from: json.keptDatabase, wasDone: true });
		expect(contentDifferences(changed, await databaseContent(server, DATABASE))).toEqual([]);

		const { json: again } = await node({
			...{ operation: 'rollBack', keptDatabase: back.json.keptDatabase as string },
		});
		expect(contentDifferences(original, await databaseContent(server, DATABASE))).toEqual([]);
		expect(await databases()).toEqual([DATABASE, again.keptDatabase]);
		await server.dropDatabase(String(again.keptDatabase));
		const none = await node({ operation: 'rollBack' });
		expect(none.error?.message).toContain('No earlier content');
	});

	it('drops the old content when told so', async () => {
		const { json } = await node({
			...{ source: 'set', backupSet: set, existingContent: 'replaceDrop' },
		});
		expect(json).toMatchObject({ status: 'complete', keptDatabase: null });
		expect(await databases()).toEqual([DATABASE]);
	});

	it('refuses while other sessions use the database, unless they are allowed', async () => {
		const sleeping = server.sql('SELECT SLEEP(4)', DATABASE);
		await expect
			.poll(async () => await server.sql('SHOW PROCESSLIST'), { timeout: 3_000 })
			.toContain('SELECT SLEEP(4)');
		const parameters = { source: 'set', backupSet: set, existingContent: 'replaceDrop' };
		const refused = await node(parameters);
		expect(refused.error?.message).toContain('is used by 1 other session');
		expect(refused.error?.description).toContain('Stop the CaosDB');
		const allowed = await node({ ...parameters, options: { allowOtherSessions: true } });
		expect(allowed.json).toMatchObject({ status: 'complete' });
		await sleeping;
	});

	it('replaces in place after a safety dump, with rights on the database only', async () => {
		await server.sql(
			`DROP USER IF EXISTS narrow@'%'; CREATE USER narrow@'%' IDENTIFIED BY 'narrow-secret';
			GRANT ALL ON ${DATABASE}.* TO narrow@'%'`,
		);
		await server.sql("UPDATE entities SET name = 'mine'", DATABASE);
		const run = async (options: IDataObject) =>
			await engine.run({
				credentials: {
					given: { ...sqlCredential(server, DATABASE), user: 'narrow', password: 'narrow-secret' },
				},
				nodes: [
					{
						...{ type: 'restore', credentials: CREDENTIAL },
						parameters: {
							...{ source: 'set', backupSet: set, existingContent: 'replaceKeep' },
							options: { definer: 'current', ...options },
						},
					},
				],
			});
		const refused = await run({});
		expect(refused.error?.description).toContain(
			"GRANT ALL PRIVILEGES ON `node\\_restore%`.* TO 'narrow'",
		);
		expect(await server.sql('SELECT DISTINCT name FROM entities', DATABASE)).toBe('mine\n');
		// The function belongs to root, so a dump by this account would miss its body.
		await server.sql('DROP FUNCTION CaosDBVersion', DATABASE);
		await server.sql('RENAME TABLE entities TO things', DATABASE);
		const done = await run({ safetyFolder: folder });
		expect(done.error).toBeUndefined();
		const [item] = done.output('restore');
		expect(item?.json).toMatchObject({ status: 'complete', keptDatabase: null });
		expect(item?.json.details).toMatchObject({ method: 'inPlace' });
		expect(String(item?.json.safetyDump)).toMatch(/node_restore-safety\.\w+\.\w+\.dump\.sql\.zst$/);
		expect(await server.sql('SELECT name FROM entities ORDER BY id', DATABASE)).toBe('old\nx\n');
		await server.sql("DROP USER narrow@'%'");
	});
});
