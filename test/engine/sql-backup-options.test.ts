import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createZoo, dropZoo } from '../sql/object-zoo.ts';
import { servers } from '../servers/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';
import { sqlCredential } from './sql-credential.ts';

const CREDENTIAL = { caosDbSqlApi: 'source' };

let engine: Engine;
beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

describe.each(servers())('the node SQL Backup on $id', (server) => {
	const database = 'node_zoo';
	beforeAll(async () => await createZoo(server, database));
	afterAll(async () => await dropZoo(server, database));

	const run = async (parameters: Record<string, never> | object, credential = {}) =>
		await engine.run({
			credentials: { source: { ...sqlCredential(server, database), ...credential } },
			nodes: [
				{
					type: 'sqlBackup',
					credentials: CREDENTIAL,
					parameters: { ...parameters },
				},
			],
		});
	const backUp = async (options: object) => {
		const folder = await temporaryFolder();
		allowFolders(folder);
		const file = join(folder, 'dump.sql');
		const result = await run({
			operation: 'backUp',
			destination: 'file',
			filePath: file,
			compression: 'none',
			options,
		});
		const written = (await readdir(folder)).includes('dump.sql');
		return { result, sql: written ? await readFile(file, 'latin1') : undefined };
	};

	it('dumps what the options say', async () => {
		const { result, sql = '' } = await backUp({
			skipTables: ['groups', 'm_third'],
			structureOnly: ['parent'],
			events: false,
			triggers: false,
			definers: 'replace',
			definerAccount: 'linkahead@%',
			statementSize: 2,
			connections: 1,
		});
		const [item] = result.output('sqlBackup');
		expect(item?.json).toMatchObject({ kind: 'sql', status: 'complete' });
		expect(item?.json.details).toMatchObject({
			definers: ['linkahead@%'],
			events: [],
			triggers: [],
			leftOut: { tables: ['groups'], rowsOf: ['parent'], views: ['m_third'] },
		});
		expect(item?.json.summary).toMatch(
			/; left out as asked: 1 table, 1 view, 4 triggers, 2 events, the rows of 1 table\.$/,
		);
		expect(sql).not.toContain('CREATE TABLE `groups`');
		expect(sql).not.toMatch(/^INSERT INTO `parent`/m);
		expect(sql).toMatch(/^INSERT INTO `child`/m);
		expect([...sql.matchAll(/DEFINER=(\S+)/g)].map(([, account]) => account)).not.toContain(
			'`root`@`localhost`',
		);
		expect(result.hints.join('\n')).toContain('Left out of the dump as asked');
	});

	it('takes names from an expression as one text', async () => {
		const { result } = await backUp({ includeTables: 'base, child' });
		const { tables } = result.output('sqlBackup')[0]?.json.details as {
			tables: { name: string }[];
		};
		expect(tables.map(({ name }) => name)).toEqual(['base', 'child']);
	});

	it.each([
		[{ includeTables: ['no_such'] }, 'has no table no_such'],
		[{ includeTables: ['base'], skipTables: ['base'] }, 'both to be included and to be skipped'],
		[{ definers: 'replace', definerAccount: '' }, 'no account name'],
		[{ statementSize: 5000 }, 'statementBytes'],
		[{ connections: 40 }, 'connections'],
	])('refuses %j before anything is written', async (options, message) => {
		const { result, sql } = await backUp(options);
		expect(result.status).toBe('error');
		expect(result.error?.message).toContain(message);
		expect(result.error?.context).toMatchObject({ code: 'invalid_option' });
		expect(sql).toBeUndefined();
	});

	it('inspects, in words fit for a message', async () => {
		const result = await run({ operation: 'inspect', options: { skipTables: ['groups'] } });
		expect(result.error).toBeUndefined();
		const [item] = result.output('sqlBackup');
		expect(item?.json).toMatchObject({
			kind: 'sqlInspect',
			status: 'complete',
			database,
			ready: true,
			problems: [],
			missingGrants: [],
			views: 6,
			routines: 6,
			triggers: 4,
			events: 2,
		});
		expect(item?.json.server).toMatch(server.vendor === 'mysql' ? /^MySQL 9/ : /^MariaDB 1/);
		expect(item?.json.summary).toMatch(
			/^Database node_zoo holds \d+ tables with about [\d,]+ rows? \(.+\) and 6 routines\. A backup would work\.$/,
		);
		expect(item?.json.details).toMatchObject({ leftOut: { tables: ['groups'] } });
	});

	it('inspects as an account without rights, and says what to run', async () => {
		await server.sql(
			"DROP USER IF EXISTS poor@'%'; CREATE USER poor@'%' IDENTIFIED BY 'poor-secret'",
		);
		const credential = { user: 'poor', password: 'poor-secret' };
		const before = await run({ operation: 'inspect' }, credential);
		const json = before.output('sqlBackup')[0]?.json ?? {};
		expect(json).toMatchObject({ status: 'complete', ready: false, tables: 0 });
		const grants = json.missingGrants as string[];
		expect(json.summary).toContain(grants.join(' '));
		expect(JSON.stringify(json)).not.toContain('poor-secret');
		await server.sql(grants.join(' '));
		await server.sql(`GRANT SELECT ON ${database}_other.* TO poor@'%'`);
		const after = await run({ operation: 'inspect' }, credential);
		expect(after.output('sqlBackup')[0]?.json).toMatchObject({ ready: true, problems: [] });
		await server.sql("DROP USER poor@'%'");
	});

	it('lists tables and views for the editor', async () => {
		const credentials = { caosDbSqlApi: sqlCredential(server, database) };
		const tables = await engine.loadOptions('sqlBackup', 'getTables', credentials);
		const both = await engine.loadOptions('sqlBackup', 'getTablesAndViews', credentials);
		const names = tables.map(({ value }) => value);
		expect(names).toContain('base');
		expect(names).toContain('odd `name.%s \'q\' "d" Ωü#--');
		expect(names).not.toContain('a_second');
		expect(both.map(({ value }) => value)).toContain('a_second');
		expect(tables.find(({ value }) => value === 'base')?.description).toMatch(/^About \d+ rows?, /);
		const wrong = { caosDbSqlApi: { ...sqlCredential(server, database), password: 'wrong' } };
		await expect(engine.loadOptions('sqlBackup', 'getTables', wrong)).rejects.toThrow(
			/refused the login/,
		);
	});
});
