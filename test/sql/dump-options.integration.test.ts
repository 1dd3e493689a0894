import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { servers } from '../servers/index.ts';
import { dump, restore } from './sql-session.ts';

describe.each(servers())('options of a dump on $id', (server) => {
	const [source, target] = ['options_source', 'options_target'];
	const owners = ["ghost@'%'", "'o`d''d user'@'10.0.%'"];

	beforeAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
		for (const owner of owners) {
			await server.sql(
				`DROP USER IF EXISTS ${owner}; CREATE USER ${owner}; GRANT ALL ON *.* TO ${owner}`,
			);
		}
		await server.sql(
			`CREATE DATABASE ${source}; USE ${source};
			CREATE TABLE wanted (id INT PRIMARY KEY); INSERT INTO wanted VALUES (1), (2);
			CREATE TABLE secret (id INT PRIMARY KEY); INSERT INTO secret VALUES (3);
			CREATE TABLE noise (id INT PRIMARY KEY AUTO_INCREMENT, t VARCHAR(90) DEFAULT (REPEAT('x', 80))); INSERT INTO noise (id) VALUES (4), (5), (6);
			CREATE DEFINER=ghost@'%' VIEW v_wanted AS SELECT * FROM wanted;
			CREATE DEFINER=ghost@'%' VIEW v_secret AS SELECT * FROM secret;
			CREATE DEFINER=ghost@'%' VIEW v_on_view AS SELECT id FROM v_secret;
			CREATE DEFINER=ghost@'%' FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
			CREATE DEFINER=ghost@'%' PROCEDURE p() SELECT 'DEFINER=ghost@elsewhere';
			CREATE DEFINER=ghost@'%' TRIGGER t_wanted BEFORE INSERT ON wanted FOR EACH ROW SET @a = 1;
			CREATE DEFINER=ghost@'%' TRIGGER t_secret BEFORE INSERT ON secret FOR EACH ROW SET @a = 1;
			CREATE DEFINER=ghost@'%' EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @a = 1;`,
		);
	});
	afterEach(async () => await server.dropDatabase(target));
	afterAll(async () => {
		await server.dropDatabase(source);
		await server.sql(`DROP USER ${owners.join(', ')}`);
	});

	const load = async (sql: Buffer) => {
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(sql, target);
	};
	const names = async (kind: string, column: string, schema: string) =>
		(
			await server.sql(
				`SELECT ${column} FROM information_schema.${kind} WHERE ${schema} = '${target}' ORDER BY 1`,
			)
		)
			.trim()
			.split('\n');

	test('tables to skip: what needs them is left out, and that is said', async () => {
		const { sql, summary } = await dump(server, source, { skipTables: ['secret'] });
		expect(summary).toMatchObject({ leftOut: { tables: ['secret'] }, views: ['v_wanted'] });
		expect(summary.triggers.map(({ name }) => name)).toEqual(['t_wanted']);
		expect(summary.warnings.filter((text) => text.includes('which is left out'))).toHaveLength(2);
		expect(sql.toString()).not.toContain('`secret`');
		await load(sql);
		expect(await names('TABLES', 'TABLE_NAME', 'TABLE_SCHEMA')).toEqual([
			'noise',
			'v_wanted',
			'wanted',
		]);
	});

	test('tables to include: only those', async () => {
		const { sql, summary } = await dump(server, source, { includeTables: ['wanted'] });
		expect(summary.tables.map(({ name, rows }) => [name, rows])).toEqual([['wanted', 2]]);
		await load(sql);
		expect(await names('TABLES', 'TABLE_NAME', 'TABLE_SCHEMA')).toEqual(['v_wanted', 'wanted']);
	});

	test('structure only: the table without its rows, its next number kept', async () => {
		const { sql, summary } = await dump(server, source, { structureOnly: ['noise'] });
		const noise = summary.tables.find(({ name }) => name === 'noise');
		expect(noise).toMatchObject({ rows: 0, structureOnly: true, checksum: '0'.repeat(16) });
		const report = await restore(server, target, sql, summary);
		expect(report.rows).toBe(3);
		await server.sql('INSERT INTO noise (t) VALUES (1)', target);
		expect((await server.sql('SELECT id FROM noise', target)).trim()).toBe('7');
	});

	test('kinds of objects on and off', async () => {
		const off = { views: false, routines: false, triggers: false, events: false };
		const { summary, sql } = await dump(server, source, off);
		expect(summary).toMatchObject({
			views: [],
			routines: [],
			triggers: [],
			events: [],
			definers: [],
		});
		expect(sql.toString()).not.toMatch(/ghost/);
		const { summary: all } = await dump(server, source);
		const counts = [all.views, all.routines, all.triggers, all.events].map((list) => list.length);
		expect(counts).toEqual([3, 2, 2, 1]);
	});

	test('a table to include that does not exist is refused', async () => {
		await expect(dump(server, source, { includeTables: ['Wanted?'] })).rejects.toMatchObject({
			code: 'invalid_option',
		});
	});

	test.each([
		['keep', { mode: 'keep' }, 'ghost@%'],
		['remove', { mode: 'remove' }, 'root@localhost'],
		['replace', { mode: 'replace', account: "o`d'd user@10.0.%" }, "o`d'd user@10.0.%"],
	] as const)('definers: %s', async (_name, definers, expected) => {
		const { sql } = await dump(server, source, { definers });
		expect(sql.toString()).toContain('DEFINER=ghost@elsewhere');
		await load(sql);
		const found = await Promise.all([
			names('VIEWS', 'DISTINCT DEFINER', 'TABLE_SCHEMA'),
			names('ROUTINES', 'DISTINCT DEFINER', 'ROUTINE_SCHEMA'),
			names('TRIGGERS', 'DISTINCT DEFINER', 'TRIGGER_SCHEMA'),
			names('EVENTS', 'DISTINCT DEFINER', 'EVENT_SCHEMA'),
		]);
		for (const owner of found) expect(owner).toEqual([expected]);
	});

	test.each([
		[{ connections: 0 }],
		[{ connections: 9 }],
		[{ connections: 1.5 }],
		[{ statementBytes: 1000 }],
		[{ definers: { mode: 'replace', account: '@%' } }],
	] as const)('%j is refused before anything is opened', async (options) => {
		await expect(dump(server, source, options)).rejects.toMatchObject({ code: 'invalid_option' });
	});

	test('statements stay below the size asked for, and rows are never cut', async () => {
		const { summary, sql } = await dump(server, source, { statementBytes: 16_384 });
		expect(summary.largestStatementBytes).toBeLessThan(16_384);
		await load(sql);
		expect((await server.sql('SELECT COUNT(*) FROM noise', target)).trim()).toBe('3');
	});
});

describe.each(servers('mariadb11', 'mariadb10'))('former rows on $id', (server) => {
	const [source, target] = ['history_source', 'history_target'];

	beforeAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
		await server.sql(
			`CREATE DATABASE ${source}; USE ${source};
			CREATE TABLE implicit_times (id INT PRIMARY KEY, x INT) WITH SYSTEM VERSIONING;
			INSERT INTO implicit_times VALUES (1, 1), (2, 2); UPDATE implicit_times SET x = 3 WHERE id = 1; DELETE FROM implicit_times WHERE id = 2;
			CREATE TABLE explicit_times (id INT PRIMARY KEY, \`from\` TIMESTAMP(6) GENERATED ALWAYS AS ROW START, \`to\` TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
				PERIOD FOR SYSTEM_TIME (\`from\`, \`to\`)) WITH SYSTEM VERSIONING;
			INSERT INTO explicit_times (id) VALUES (1), (2); DELETE FROM explicit_times WHERE id = 2;`,
		);
	});
	afterAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	test('are dumped on request, with their times, and loaded by the standard client', async () => {
		const { sql, summary } = await dump(server, source, { history: true });
		expect(summary.tables.map(({ name, rows, history }) => [name, rows, history])).toEqual([
			['explicit_times', 2, true],
			['implicit_times', 3, true],
		]);
		expect(summary.warnings).toEqual([]);
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(sql, target);
		for (const [table, columns] of [
			['implicit_times', 'id, x, row_start, row_end'],
			['explicit_times', 'id, `from`, `to`'],
		] as const) {
			const all = `SELECT ${columns} FROM ${table} FOR SYSTEM_TIME ALL ORDER BY 1, 2, 3`;
			expect(await server.sql(all, target)).toBe(await server.sql(all, source));
			const now = `SELECT * FROM ${table}`;
			expect(await server.sql(now, target)).toBe(await server.sql(now, source));
		}
	});
});
