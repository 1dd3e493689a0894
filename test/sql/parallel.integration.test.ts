import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { ByteChunk, FrameLabel } from '../../lib/core/index.ts';
import { DUMP_CONTENT_DEFAULTS, addChecksums, dumpDatabase } from '../../lib/sql/index.ts';
import { type TestServer, contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { TOOL, context, dump, endpointOf } from './sql-session.ts';

/** Doublings of 8 rows: 131,072 rows are read in several parts. */
const DOUBLINGS = 14;

/** Tables that are read in ranges in every way, and some that cannot be. */
async function createLargeTables(server: TestServer, database: string): Promise<void> {
	await server.dropDatabase(database);
	await server.sql(`CREATE DATABASE ${database}`);
	const double = (into: string) =>
		`INSERT INTO seed (n) SELECT n + (SELECT COUNT(*) FROM ${into}) FROM (SELECT * FROM seed) AS s;`;
	await server.sql(
		`SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
		CREATE TABLE seed (n INT PRIMARY KEY);
		INSERT INTO seed VALUES (0), (1), (2), (3), (4), (5), (6), (7);
		${double('seed').repeat(DOUBLINGS)}
		CREATE TABLE by_key (id INT PRIMARY KEY AUTO_INCREMENT, x VARCHAR(40));
		INSERT INTO by_key SELECT n, CONCAT('text ', n) FROM seed;
		CREATE TABLE no_key (entity_id INT UNSIGNED NULL, x INT, KEY (entity_id, x));
		INSERT INTO no_key SELECT IF(n % 10 = 0, NULL, n DIV 3), n FROM seed;
		CREATE TABLE skewed (domain INT NOT NULL, entity BIGINT NOT NULL, KEY a (domain, entity), KEY b (entity));
		INSERT INTO skewed SELECT 0, n - 60000 FROM seed;
		CREATE TABLE at_the_limits (id BIGINT UNSIGNED NOT NULL, x INT, PRIMARY KEY (id, x));
		INSERT INTO at_the_limits SELECT IF(n % 2, 18446744073709551615 - n, n), n FROM seed;
		CREATE TABLE by_text (id VARCHAR(20) PRIMARY KEY);
		INSERT INTO by_text SELECT CONCAT('k', n) FROM seed WHERE n < 3000;
		CREATE TABLE one_value (id INT, KEY (id));
		INSERT INTO one_value SELECT 5 FROM seed;
		CREATE TABLE all_null (id INT, KEY (id));
		INSERT INTO all_null SELECT NULL FROM seed WHERE n < 100;
		CREATE TABLE locked (id INT PRIMARY KEY, x TEXT) ENGINE=MyISAM;
		INSERT INTO locked SELECT n, REPEAT('x', 50) FROM seed WHERE n < 40000;`,
		database,
	);
}

describe.each(servers())('a dump over several connections on $id', (server) => {
	const [source, target] = ['parallel_source', 'parallel_target'];

	beforeAll(async () => {
		await createLargeTables(server, source);
		await server.dropDatabase(target);
	});
	afterAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	const timeless = (sql: Buffer) =>
		sql.toString('latin1').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');

	test('has the same bytes as over one, and as before', async () => {
		for (const indexRangesFrom of [0, DUMP_CONTENT_DEFAULTS.indexRangesFrom]) {
			const options = { indexRangesFrom, connections: 1 };
			const one = timeless((await dump(server, source, options)).sql);
			for (const connections of [2, 2, 4]) {
				const { sql } = await dump(server, source, { ...options, connections });
				expect(timeless(sql) === one).toBe(true);
			}
		}
	});

	test('reads each row once, whatever the ranges are', async () => {
		const sums = async (indexRangesFrom: number) => {
			const { summary } = await dump(server, source, { indexRangesFrom, connections: 3 });
			return summary.tables.map(({ name, rows, checksum }) => [name, rows, checksum]);
		};
		expect(await sums(0)).toEqual(await sums(DUMP_CONTENT_DEFAULTS.indexRangesFrom));
	});

	test('is loaded by the standard client to an equal database', async () => {
		const { sql } = await dump(server, source, { indexRangesFrom: 0 });
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(sql, target);
		const [before, after] = [
			await databaseContent(server, source),
			await databaseContent(server, target),
		];
		expect(contentDifferences(before, after)).toEqual([]);
		await server.dropDatabase(target);
	});

	test('ends every frame with a statement, and its frames add up', async () => {
		const reading = await dumpDatabase(
			{
				endpoint: endpointOf(server),
				database: source,
				tool: TOOL,
				content: { statementBytes: 100_000 },
			},
			context(),
		);
		const frames: Array<{ readonly label: FrameLabel; readonly sql: Buffer }> = [];
		let parts: Uint8Array[] = [];
		for await (const chunk of reading.chunks as AsyncIterable<ByteChunk>) {
			parts.push(chunk);
			if (chunk.frameEnd === undefined) continue;
			frames.push({ label: chunk.frameEnd, sql: Buffer.concat(parts) });
			parts = [];
		}
		expect(parts).toEqual([]);
		const { tables } = reading.summary();
		for (const { name, rows, checksum } of tables) {
			const own = frames.filter(({ label }) => label.object === `table:${name}`);
			expect(own.reduce((sum, { label }) => sum + (label.rows ?? 0), 0)).toBe(rows);
			const added = own.map(({ label }) => label.checksum ?? '').reduce(addChecksums);
			expect(added).toBe(checksum);
			for (const { sql } of own) expect(sql.subarray(-2).toString()).toBe(';\n');
		}
		const large = frames.filter(({ label }) => label.object === 'table:by_key');
		expect(large.length).toBeGreaterThan(2);
		expect(Math.max(...frames.map(({ sql }) => sql.length))).toBeLessThan(1_000_000);
	});

	test('one frame can be loaded alone after the first one', async () => {
		const reading = await dumpDatabase(
			{ endpoint: endpointOf(server), database: source, tool: TOOL },
			context(),
		);
		const wanted: Uint8Array[] = [];
		let first = true;
		for await (const chunk of reading.chunks as AsyncIterable<ByteChunk>) {
			if (first || chunk.frameEnd?.object === 'table:by_text') wanted.push(chunk);
			first = false;
		}
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(Buffer.concat(wanted), target);
		expect((await server.sql('SELECT COUNT(*) FROM by_text', target)).trim()).toBe('3000');
		await server.dropDatabase(target);
	});
});

describe.each(servers())('how the snapshot is taken on $id', (server) => {
	const database = 'methods';
	const account = { ...endpointOf(server), user: 'snap', password: 'snap-secret' };

	beforeAll(async () => {
		await server.dropDatabase(database);
		await server.sql(
			`DROP USER IF EXISTS snap@'%'; CREATE USER snap@'%' IDENTIFIED BY 'snap-secret';
			CREATE DATABASE ${database}; CREATE TABLE ${database}.a (id INT PRIMARY KEY);
			GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON ${database}.* TO snap@'%';`,
		);
	});
	afterAll(async () => {
		await server.sql("DROP USER snap@'%'");
		await server.dropDatabase(database);
	});

	test('with the smallest rights over one connection, with more over several', async () => {
		const method = async () => (await dump(server, database, {}, account)).summary.snapshot.method;
		expect(await method()).toBe('single-connection');
		await server.sql(`GRANT LOCK TABLES ON ${database}.* TO snap@'%'`);
		expect(await method()).toBe('table-locks');
		await server.sql("GRANT RELOAD ON *.* TO snap@'%'");
		expect(await method()).toBe('global-read-lock');
	});

	test('a table without transactions needs a lock, and the error says so', async () => {
		await server.sql(
			`REVOKE LOCK TABLES ON ${database}.* FROM snap@'%'; CREATE TABLE ${database}.loose (a INT) ENGINE=MyISAM`,
		);
		await expect(dump(server, database, {}, account)).rejects.toMatchObject({
			code: 'sql_privilege_missing',
			remedy: expect.stringContaining(`GRANT LOCK TABLES ON \`${database}\`.* TO 'snap'@'%';`),
		});
		await server.sql(`DROP TABLE ${database}.loose`);
	});
});

describe.each(servers('mariadb11'))('a busy table on $id', (server) => {
	test('does not stop the backup: it is read over one connection, and that is said', async () => {
		const database = 'busy';
		await server.dropDatabase(database);
		await server.sql(
			`CREATE DATABASE ${database}; CREATE TABLE ${database}.a (id INT PRIMARY KEY);
			CREATE OR REPLACE USER busy@'%' IDENTIFIED BY 'busy-secret';
			GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE, LOCK TABLES ON ${database}.* TO busy@'%';`,
		);
		const statements = `BEGIN; INSERT INTO a VALUES (1); SELECT SLEEP(60); COMMIT`;
		const writing = server.sql(statements, database).catch((error: unknown) => String(error));
		const sleeping =
			"SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(60)%'";
		await expect.poll(async () => await server.sql(sleeping)).not.toBe('');
		const endpoint = { ...endpointOf(server), user: 'busy', password: 'busy-secret' };
		const { sql, summary } = await dump(server, database, {}, endpoint);
		await server.sql(`KILL ${(await server.sql(sleeping)).trim()}`);
		expect(await writing).toContain('ERROR 2013');
		expect(summary.snapshot.method).toBe('single-connection');
		expect(summary.warnings[0]).toContain('read over one connection');
		expect(sql.toString()).not.toContain('INSERT INTO `a`');
		await server.sql("DROP USER busy@'%'");
		await server.dropDatabase(database);
	});
});

describe.each(servers())('a dump while others write on $id', (server) => {
	const [source, target] = ['moving_source', 'moving_target'];
	const WRITERS = 4;
	/** Each has its own: a writer that waits for another one's row would keep the global lock waiting. */
	const ACCOUNTS_OF_A_WRITER = 25;
	const ACCOUNTS = WRITERS * ACCOUNTS_OF_A_WRITER;

	beforeAll(async () => {
		await server.dropDatabase(source);
		await server.dropDatabase(target);
		await server.sql(
			`CREATE DATABASE ${source}; USE ${source};
			CREATE TABLE a_debit (id INT PRIMARY KEY, amount BIGINT NOT NULL);
			CREATE TABLE z_credit (id INT PRIMARY KEY, amount BIGINT NOT NULL);
			CREATE TABLE m_loose (id INT PRIMARY KEY AUTO_INCREMENT, x INT) ENGINE=MyISAM;
			CREATE TABLE filler (id INT PRIMARY KEY AUTO_INCREMENT, t VARCHAR(300));
			INSERT INTO filler (t) VALUES (REPEAT('x', 250)), (REPEAT('y', 250));
			${'INSERT INTO filler (t) SELECT t FROM filler;'.repeat(15)}
			${Array.from({ length: ACCOUNTS }, (_v, id) => `INSERT INTO a_debit VALUES (${id}, 1000); INSERT INTO z_credit VALUES (${id}, 1000);`).join('\n')}
			DELIMITER ;;
			CREATE PROCEDURE keep_moving(writer INT) BEGIN
				DECLARE seen INT DEFAULT 0;
				REPEAT
					START TRANSACTION;
					UPDATE a_debit SET amount = amount - 7 WHERE id = ${ACCOUNTS_OF_A_WRITER} * writer + FLOOR(RAND() * ${ACCOUNTS_OF_A_WRITER});
					IF ROW_COUNT() = 1 THEN
						UPDATE z_credit SET amount = amount + 7 WHERE id = ${ACCOUNTS_OF_A_WRITER} * writer + FLOOR(RAND() * ${ACCOUNTS_OF_A_WRITER}) LIMIT 1;
						IF ROW_COUNT() = 1 THEN COMMIT; ELSE ROLLBACK; END IF;
					ELSE ROLLBACK; END IF;
					INSERT INTO m_loose (x) VALUES (1);
					SELECT COUNT(*) INTO seen FROM stop_now;
				UNTIL seen > 0 END REPEAT;
			END;;
			DELIMITER ;
			CREATE TABLE stop_now (x INT);`,
		);
	});
	afterAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	/** Writers without a pause may keep the lock away from a dump; then it says so, and is whole, too. */
	const untilMethod = async (wanted: string, connections: number) => {
		for (let tries = 1; ; tries += 1) {
			const dumped = await dump(server, source, { connections });
			if (dumped.summary.snapshot.method === wanted || tries === 4) return dumped;
			expect(dumped.summary.warnings[0]).toContain('read over one connection');
		}
	};

	test.each([1, 2, 4])('holds one moment over %d connections', async (connections) => {
		const writers = Array.from({ length: WRITERS }, async (_value, writer) =>
			server.sql(`CALL keep_moving(${writer})`, source).catch((error: unknown) => String(error)),
		);
		const moves = async () => Number(await server.sql('SELECT COUNT(*) FROM m_loose', source));
		try {
			const before = await moves();
			await expect.poll(moves).toBeGreaterThan(before + 20);
			const wanted = connections === 1 ? 'single-connection' : 'global-read-lock';
			const { sql, summary } = await untilMethod(wanted, connections);
			expect(summary.snapshot.method).toBe(wanted);
			await server.sql(`CREATE DATABASE ${target}`);
			await server.sql(sql, target);
		} finally {
			await server.sql('INSERT INTO stop_now VALUES (1)', source);
			await Promise.all(writers);
			await server.sql('DELETE FROM stop_now', source);
		}
		const sum =
			'SELECT (SELECT SUM(amount) FROM a_debit) + (SELECT SUM(amount) FROM z_credit), (SELECT SUM(amount) FROM a_debit) < 1000 * (SELECT COUNT(*) FROM a_debit)';
		expect(await server.sql(sum, target)).toBe(`${2 * 1000 * ACCOUNTS}\t1\n`);
		await server.dropDatabase(target);
	});
});
