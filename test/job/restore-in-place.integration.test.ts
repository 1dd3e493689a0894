import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { EngineError, type ProgressEvent } from '../../lib/core/index.ts';
import { sqlRestore } from '../../lib/job/sql-restore.ts';
import type { SqlEndpoint } from '../../lib/sql/index.ts';
import {
	type DatabaseContent,
	contentDifferences,
	databaseContent,
	debianTool,
	mustRun,
	servers,
} from '../servers/index.ts';
import { FaultProxy } from '../sql/fault-proxy.ts';
import { endpointOf } from '../sql/sql-session.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { jobContext } from './job-context.ts';

const DATABASE = 'in_place';
const MARKER = '_n8n_caosdb_restore_unfinished';
const OLD = `CREATE TABLE things (id INT PRIMARY KEY, name VARBINARY(20)); INSERT INTO things VALUES (0, 'old'), (7, 'ü');
	CREATE TABLE parts (id INT PRIMARY KEY, thing INT, FOREIGN KEY (thing) REFERENCES things (id)); INSERT INTO parts VALUES (1, 7);
	CREATE DEFINER=narrow@'%' FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
	CREATE DEFINER=narrow@'%' VIEW v AS SELECT id, f() AS f FROM things;
	CREATE DEFINER=narrow@'%' TRIGGER t BEFORE INSERT ON things FOR EACH ROW SET NEW.name = 'x';`;
const FRESH = 'CREATE TABLE fresh (id INT PRIMARY KEY);\nINSERT INTO fresh VALUES (1);\n';
const END = '-- Dump completed\n';

describe.each(servers())('a restore in place that fails on $id', (server) => {
	const endpoint: SqlEndpoint = {
		...endpointOf(server),
		...{ user: 'narrow', password: 'narrow-secret' },
	};
	let old: DatabaseContent;
	let folder = '';

	beforeAll(async () => {
		await server.sql(
			`DROP USER IF EXISTS narrow@'%'; CREATE USER narrow@'%' IDENTIFIED BY 'narrow-secret';
			GRANT ALL ON ${DATABASE}.* TO narrow@'%'`,
		);
	});
	afterAll(async () => {
		await server.dropDatabase(DATABASE);
		await server.sql("DROP USER IF EXISTS narrow@'%'");
	});
	beforeEach(async () => {
		folder = await temporaryFolder();
		await server.dropDatabase(DATABASE);
		await server.sql(`CREATE DATABASE ${DATABASE} CHARACTER SET latin1 COLLATE latin1_bin`);
		await server.sql(OLD, DATABASE);
		old = await databaseContent(server, DATABASE);
	});

	/** Restores this text; what it ends with. */
	const restore = async (sql: string, more: Partial<Parameters<typeof sqlRestore>[0]> = {}) => {
		await writeFile(join(folder, 'given.sql'), sql);
		const here = { path: folder, displayPath: folder };
		return await sqlRestore(
			{
				...{ endpoint, database: DATABASE, replace: true, safetyFolder: here },
				...{ source: { kind: 'file', folder: here, fileName: 'given.sql' }, ...more },
			},
			jobContext(),
		);
	};
	const failure = async (work: Promise<unknown>): Promise<EngineError> => {
		const error: unknown = await work.then(
			() => undefined,
			(caught: unknown) => caught,
		);
		if (!(error instanceof EngineError)) throw new Error(`no EngineError: ${String(error)}`);
		return error;
	};
	const safetyDumps = async () =>
		(await readdir(folder))
			.filter((name) => name.includes('-safety.'))
			.map((name) => join(folder, name));
	const isOld = async () => contentDifferences(old, await databaseContent(server, DATABASE));
	/** As when the network goes for good while rows come. */
	const cutInTheMiddle = async () => {
		const proxy = await FaultProxy.open(server.address);
		onTestFinished(async () => await proxy.close());
		proxy.reset();
		const through = { ...endpoint, host: '127.0.0.1', port: proxy.port };
		const dies = `${FRESH}CREATE TABLE the_place (id INT);\n${END}`;
		proxy.reset({ text: 'the_place', when: 'before', effect: 'dead' });
		return await failure(restore(dies, { endpoint: through }));
	};

	test('brings the old content back, and says so', async () => {
		const error = await failure(restore(`${FRESH}INSERT INTO fresh VALUES (1);\n${END}`));
		const [path = 'none'] = await safetyDumps();
		expect(error.code).toBe('sql_statement_failed');
		expect(error.message).toMatch(/; the old content was brought back$/);
		expect(error.remedy).toContain(`A dump of the old content is ${path}.`);
		expect(error.details.safetyDump).toBe(path);
		expect(await isOld()).toEqual([]);
		// What it names is a whole dump for any client.
		const zstd = await debianTool({ program: 'zstd', package: 'zstd' });
		await server.dropDatabase(DATABASE);
		await server.sql(`CREATE DATABASE ${DATABASE}`);
		await server.sql(await mustRun([...zstd, '-dc', path]), DATABASE);
		expect(await isOld()).toEqual([]);
	});

	test('brings it back when the run is cancelled while rows come', async () => {
		const controller = new AbortController();
		const report = ({ phase }: ProgressEvent) => {
			if (phase === 'load') controller.abort();
		};
		await writeFile(join(folder, 'given.sql'), FRESH + END);
		const here = { path: folder, displayPath: folder };
		const source = { kind: 'file', folder: here, fileName: 'given.sql' } as const;
		const error = await failure(
			sqlRestore(
				{ endpoint, database: DATABASE, replace: true, safetyFolder: here, source },
				jobContext({ signal: controller.signal, progress: { report } }),
			),
		);
		expect(error).toMatchObject({ code: 'cancelled' });
		expect(error.message).toMatch(/; the old content was brought back$/);
		expect(await isOld()).toEqual([]);
	});

	test('says that it could not bring it back, and the next run does', async () => {
		const error = await cutInTheMiddle();
		const [path = 'none'] = await safetyDumps();
		expect(error.message).toContain('bringing it back failed too');
		expect(error.message).toContain(path);
		expect(error.remedy).toContain(`Restore ${path} into ${DATABASE}`);
		expect(`${error.message} ${error.remedy ?? ''}`).not.toContain('as it was before');
		expect(await server.sql(`SELECT note FROM ${MARKER}`, DATABASE)).toBe(`${path}\n`);
		// The next run fails by itself: it brings back what the one before had replaced.
		const next = await failure(restore(`${FRESH}INSERT INTO fresh VALUES (1);\n${END}`));
		expect(next.message).toMatch(/; the old content was brought back$/);
		expect(next.details.safetyDump).toBe(path);
		expect(await isOld()).toEqual([]);
		expect(await safetyDumps()).toEqual([path]);
	});

	test('says so without a folder, too, and the next run that works finishes it', async () => {
		await cutInTheMiddle();
		const [path = 'none'] = await safetyDumps();
		await writeFile(join(folder, 'given.sql'), `${FRESH}INSERT INTO fresh VALUES (1);\n${END}`);
		const here = { path: folder, displayPath: folder };
		const source = { kind: 'file', folder: here, fileName: 'given.sql' } as const;
		const next = await failure(sqlRestore({ endpoint, database: DATABASE, source }, jobContext()));
		expect(next.message).toContain(`is empty, its old content is in the dump ${path}`);
		expect(next.remedy).toContain(`Restore ${path} into ${DATABASE}`);
		expect(await server.sql(`SELECT note FROM ${MARKER}`, DATABASE)).toBe(`${path}\n`);
		const done = await restore(FRESH + END);
		expect(done.warnings.join('\n')).toContain(`the dump of its old content is ${path}`);
		expect(await server.sql('SHOW TABLES', DATABASE)).toBe('fresh\n');
	});

	test('finishes beside the target once the account may', async () => {
		await cutInTheMiddle();
		const [path = 'none'] = await safetyDumps();
		const all = `ALL ON \`${DATABASE.replace('_', '\\_')}%\`.*`;
		await server.sql(`GRANT ${all} TO narrow@'%'`);
		const failed = await failure(restore(`${FRESH}INSERT INTO fresh VALUES (1);\n${END}`));
		expect(failed.message).toMatch(/; the old content was brought back$/);
		expect(failed.details.safetyDump).toBe(path);
		expect(await isOld()).toEqual([]);
		await server.sql(`REVOKE ${all} FROM narrow@'%'`);
		// Its name has seconds: the next one might be the same.
		await rm(path);
		await cutInTheMiddle();
		await server.sql(`GRANT ${all} TO narrow@'%'`);
		const done = await restore(FRESH + END);
		await server.sql(`REVOKE ${all} FROM narrow@'%'`);
		expect(done).toMatchObject({ keptDatabase: null, details: { method: 'staged' } });
		expect(await server.sql('SHOW TABLES', DATABASE)).toBe('fresh\n');
	});

	test('nothing is replaced that could not be brought back', async () => {
		const reading = server.vendor === 'mysql' ? 'SHOW_ROUTINE ON *.*' : 'SELECT ON mysql.proc';
		await server.sql(
			`CREATE DEFINER=root@localhost FUNCTION of_another() RETURNS INT DETERMINISTIC RETURN 1;
			GRANT ${reading} TO narrow@'%'`,
			DATABASE,
		);
		old = await databaseContent(server, DATABASE);
		const error = await failure(restore(FRESH + END));
		await server.sql(`REVOKE ${reading} FROM narrow@'%'`);
		expect(error.code).toBe('sql_privilege_missing');
		expect(error.message).toContain('so it is not replaced');
		expect(error.message).toContain('root@localhost');
		expect(await isOld()).toEqual([]);
	});

	test('a database that was empty is empty again', async () => {
		await server.dropDatabase(DATABASE);
		await server.sql(`CREATE DATABASE ${DATABASE} CHARACTER SET latin1 COLLATE latin1_bin`);
		old = await databaseContent(server, DATABASE);
		const error = await failure(restore(`${FRESH}INSERT INTO fresh VALUES (1);\n${END}`));
		expect(error.message).not.toContain('old content');
		expect(await isOld()).toEqual([]);
		expect(await safetyDumps()).toEqual([]);
	});
});
