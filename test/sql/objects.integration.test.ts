import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { createZoo, dropZoo } from './object-zoo.ts';
import { dump, restore } from './sql-session.ts';

describe.each(servers())('all kinds of objects on $id', (server) => {
	const [source, target] = ['zoo_a', 'zoo_b'];

	beforeAll(async () => {
		await createZoo(server, source);
		await dropZoo(server, target);
	});
	afterEach(async () => await server.dropDatabase(target));
	afterAll(async () => {
		await dropZoo(server, source);
		await dropZoo(server, target);
	});

	const differences = async () => {
		const lines = contentDifferences(
			await databaseContent(server, source),
			await databaseContent(server, target),
		);
		return lines.filter((line) => {
			// Its time of change is a column, and is the time of the restore.
			if (line.startsWith('explicit_versioned differs: 1 rows')) return false;
			// MySQL prints a column's character set from the second time on, though nothing differs.
			const [was, is] = line.replaceAll('CHARACTER SET utf8mb4 COLLATE', 'COLLATE').split(' → ');
			return is === undefined || was?.endsWith(is) !== true;
		});
	};
	/**
	 * The next value of each sequence without a cache, and the state of one that is used up. (With a cache
	 * the values that the server has set aside are skipped, as after its restart.)
	 */
	const nextValues = async (database: string) => {
		if (server.vendor === 'mysql') return [];
		const values = [];
		for (const name of ['`odd ``seq`', 'down']) {
			values.push(await server.sql(`SELECT NEXTVAL(${name})`, database));
		}
		return [...values, await server.sql('SELECT * FROM used_up', database)];
	};

	test('come back by our restore', async () => {
		const { sql, summary } = await dump(server, source);
		const report = await restore(server, target, sql, summary);
		expect(await differences()).toEqual([]);
		expect(report).toMatchObject({ views: 6, routines: 6, triggers: 4, events: 2 });
		expect(await nextValues(target)).toEqual(await nextValues(source));
	});

	test('come back by the standard client', async () => {
		const { sql } = await dump(server, source);
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(sql, target);
		const lost = (await differences()).filter((line) => !line.startsWith('PROCEDURE delimiters'));
		expect(lost).toEqual([]);
	});

	test('nothing in the dump names the database it came from, but the header', async () => {
		const { sql } = await dump(server, source);
		const lines = sql.toString('latin1').split('\n');
		const naming = lines.filter((line) => /zoo_a\b/.test(line));
		expect(naming.map((line) => line.replace(/by .*/, ''))).toEqual([
			'-- SQL dump of database zoo_a, made ',
		]);
	});

	test('triggers fire in their old order', async () => {
		const { sql } = await dump(server, source);
		await restore(server, target, sql);
		await server.sql("INSERT INTO base (name, log) VALUES ('new', '')", target);
		const log = await server.sql("SELECT log FROM base WHERE name = 'new'", target);
		expect(log.trim()).toBe('first;second;third;');
	});

	test('what is outside the snapshot or not included is said', async () => {
		const { summary } = await dump(server, source);
		const expected = server.vendor === 'mariadb' ? ['explicit_versioned', 'versioned'] : [];
		expect(
			summary.warnings.map((text) => /Table (\S+) is system-versioned/.exec(text)?.[1]),
		).toEqual(expected);
	});
});

describe.each(servers('mariadb11', 'mariadb10'))('packages on $id', (server) => {
	const [source, target] = ['packages_source', 'packages_target'];
	const names = async (database: string) =>
		await server.sql(
			`SELECT routine_type, routine_name, routine_definition FROM information_schema.routines WHERE routine_schema = '${database}' ORDER BY 1, 2`,
		);

	afterAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	test('come back by our restore, with their bodies', async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
		await server.sql(
			`CREATE DATABASE ${source}; USE ${source}; CREATE TABLE t (a INT); SET sql_mode=ORACLE;
			DELIMITER ;;
			CREATE PACKAGE pk AS FUNCTION f RETURN INT; END;;
			CREATE PACKAGE BODY pk AS FUNCTION f RETURN INT AS BEGIN RETURN 7; END; END;;
			DELIMITER ;`,
		);
		const { sql, summary } = await dump(server, source);
		await restore(server, target, sql, summary);
		expect(await names(target)).toBe(await names(source));
		expect((await names(target)).split('PACKAGE BODY\tpk')).toHaveLength(2);
		expect(await server.sql('SET sql_mode=ORACLE; SELECT pk.f()', target)).toBe('7\n');
	});
});

describe.each(servers('mariadb11', 'mariadb10'))('former rows on $id', (server) => {
	const [source, target] = ['former_source', 'former_target'];

	afterAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	test.each([
		[false, '1\t3\n'],
		[true, '1\t1\n1\t3\n2\t2\n'],
	])('history %s: our restore brings back what was dumped', async (history, rows) => {
		for (const name of [source, target]) await server.dropDatabase(name);
		await server.sql(
			`CREATE DATABASE ${source}; USE ${source};
			CREATE TABLE t (a INT PRIMARY KEY, b INT) WITH SYSTEM VERSIONING;
			INSERT INTO t VALUES (1, 1), (2, 2); UPDATE t SET b = 3 WHERE a = 1; DELETE FROM t WHERE a = 2;`,
		);
		const { sql, summary } = await dump(server, source, { history });
		const report = await restore(server, target, sql, summary);
		expect(report.verifiedBy).toBe('checksums');
		const all = 'SELECT a, b FROM t FOR SYSTEM_TIME ALL ORDER BY a, b';
		expect(await server.sql(all, target)).toBe(rows);
		expect(await server.sql('SELECT a, b FROM t', target)).toBe('1\t3\n');
	});
});
