import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { restoreDatabase, rollBackDatabase } from '../../lib/sql/index.ts';
import { type TestServer, contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { chunksOf, context, dump, endpointOf } from './sql-session.ts';

const [SOURCE, TARGET] = ['vendor_source', 'vendor_target'];
const MARIADB = servers('mariadb11', 'mariadb10');
const PAIRS = MARIADB.flatMap((from) =>
	MARIADB.map((to) => ({ from, to, title: `${from.id} to ${to.id}` })),
);

const OBJECTS = `
CREATE TABLE versioned (id INT PRIMARY KEY, x INT) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 1), (2, 2); UPDATE versioned SET x = 3 WHERE id = 1; DELETE FROM versioned WHERE id = 2;
CREATE TABLE explicit (id INT PRIMARY KEY, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
	PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING;
INSERT INTO explicit (id) VALUES (1), (2); DELETE FROM explicit WHERE id = 1;
DELIMITER ;;
SET sql_mode=ORACLE;;
CREATE PACKAGE tools AS FUNCTION twice(x INT) RETURN INT; PROCEDURE note(t VARCHAR2); END;;
CREATE PACKAGE BODY tools AS
	last_note VARCHAR2(100);
	FUNCTION twice(x INT) RETURN INT AS BEGIN RETURN x * 2; END;
	PROCEDURE note(t VARCHAR2) AS BEGIN last_note := t; END;
BEGIN last_note := 'none; yet'; END;;
CREATE PROCEDURE oracle_style(a IN OUT INT) AS BEGIN a := a + tools.twice(1); END;;
DELIMITER ;
`;

/** What only MariaDB has, by our restore, in both directions, and back again. */
describe.each(PAIRS)('packages and history from $title', ({ from, to }) => {
	const drop = async (server: TestServer) => {
		const found = await server.sql("SHOW DATABASES LIKE 'vendor\\_%'");
		for (const name of found.split('\n').filter(Boolean)) await server.dropDatabase(name);
	};
	beforeEach(async () => {
		await drop(from);
		await drop(to);
		await from.sql(`CREATE DATABASE ${SOURCE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
		await from.sql(OBJECTS, SOURCE);
	});
	afterEach(async () => {
		await drop(from);
		await drop(to);
	});

	test.each([true, false])('come back and can be rolled back (history: %s)', async (history) => {
		const { sql, summary } = await dump(from, SOURCE, { history });
		await to.sql(`CREATE DATABASE ${TARGET}; CREATE TABLE ${TARGET}.old (a INT)`);
		const place = { endpoint: endpointOf(to), database: TARGET };
		const report = await restoreDatabase(
			{ ...place, chunks: chunksOf(sql), expected: summary, replace: true },
			context(),
		);
		expect(report.verifiedBy).toBe('checksums');
		/** Rows that are current end with all time, which releases put into different years. */
		const times = async (server: TestServer, database: string, table = 'versioned') => {
			const columns = table === 'versioned' ? 'id, x, row_start, row_end' : 'id, s, e';
			const query = `SELECT ${columns} FROM ${table} FOR SYSTEM_TIME ALL ORDER BY 1, 2`;
			return (await server.sql(query, database)).replaceAll(/(2038|2106)-\S+ \S+/g, 'now');
		};
		if (history) {
			expect(await times(to, TARGET)).toBe(await times(from, SOURCE));
			expect(await times(to, TARGET, 'explicit')).toBe(await times(from, SOURCE, 'explicit'));
		} else {
			expect(await to.sql('SELECT id, x FROM versioned', TARGET)).toBe('1\t3\n');
			expect(await to.sql('SELECT id FROM explicit', TARGET)).toBe('2\n');
		}
		const twice = 'SET sql_mode=ORACLE; SELECT tools.twice(21)';
		expect(await to.sql(twice, TARGET)).toBe('42\n');
		expect(await to.sql('SET @a = 1; CALL oracle_style(@a); SELECT @a', TARGET)).toBe('3\n');
		const [before, after] = [
			await databaseContent(from, SOURCE),
			await databaseContent(to, TARGET),
		];
		expect([...after.objects.keys()].sort()).toEqual([...before.objects.keys()].sort());

		const restored = history ? await times(to, TARGET) : '';
		await rollBackDatabase(place, context());
		expect(await to.sql('SHOW TABLES', TARGET)).toBe('old\n');
		await rollBackDatabase(place, context());
		expect(contentDifferences(after, await databaseContent(to, TARGET))).toEqual([]);
		if (history) expect(await times(to, TARGET)).toBe(restored);
	});
});
