import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { restoreDatabase, rollBackDatabase } from '../../lib/sql/index.ts';
import { databaseContent, servers } from '../servers/index.ts';
import { chunksOf, context, endpointOf } from './sql-session.ts';

const TARGET = 'limits';
const SQL = Buffer.from(
	'CREATE TABLE t (id INT PRIMARY KEY);\nINSERT INTO t VALUES (2);\n-- Dump completed\n',
);

/** As phpMyAdmin 5 exports: keys and AUTO_INCREMENT come after the rows, in one transaction, without an end. */
const PHP_MY_ADMIN = Buffer.from(`-- phpMyAdmin SQL Dump
-- version 5.2.1
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

/*!40101 SET NAMES utf8mb4 */;

CREATE DATABASE IF NOT EXISTS \`caosdb\` DEFAULT CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci;
USE \`caosdb\`;

DELIMITER $$
CREATE DEFINER=\`root\`@\`localhost\` PROCEDURE \`p\` ()   BEGIN SELECT ';'; SELECT 2; END$$

DELIMITER ;

CREATE TABLE \`entities\` (
  \`id\` int(10) UNSIGNED NOT NULL,
  \`parent\` int(10) UNSIGNED DEFAULT NULL,
  \`name\` text COLLATE utf8mb3_unicode_ci
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_unicode_ci;

INSERT INTO \`entities\` (\`id\`, \`parent\`, \`name\`) VALUES
(0, NULL, 'it''s; \\'x\\''),
(3, 0, NULL);

ALTER TABLE \`entities\`
  ADD PRIMARY KEY (\`id\`),
  ADD KEY \`parent\` (\`parent\`);

ALTER TABLE \`entities\`
  MODIFY \`id\` int(10) UNSIGNED NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=4;

ALTER TABLE \`entities\`
  ADD CONSTRAINT \`fk\` FOREIGN KEY (\`parent\`) REFERENCES \`entities\` (\`id\`);
COMMIT;
`);

describe.each(servers())('what a swap does and does not do on $id', (server) => {
	const drop = async () => {
		for (const name of ['limits_other', `${TARGET}_n8n_staging`, TARGET]) {
			await server.dropDatabase(name);
		}
	};
	beforeEach(async () => {
		await drop();
		await server.sql(`CREATE DATABASE ${TARGET}`);
		await server.sql('CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)', TARGET);
	});
	afterEach(drop);

	const restore = async (sql: Buffer, requireEnd = true) => {
		const options = { endpoint: endpointOf(server), database: TARGET, requireEnd };
		const how = { replace: true, keepOld: false };
		return await restoreDatabase({ ...options, ...how, chunks: chunksOf(sql) }, context());
	};

	test('a foreign key of another database stands in the way, and is named', async () => {
		const place = { endpoint: endpointOf(server), database: TARGET };
		const chunks = () => chunksOf(SQL);
		await restoreDatabase({ ...place, chunks: chunks(), replace: true }, context());
		const makeKey = `CREATE DATABASE limits_other; CREATE TABLE limits_other.c (id INT, CONSTRAINT of_c FOREIGN KEY (id) REFERENCES ${TARGET}.t (id))`;
		await server.sql(makeKey);
		const named = {
			code: 'sql_object_unsupported',
			message: `Table limits_other.c has a foreign key (of_c) to database ${TARGET}`,
		};
		await expect(restore(SQL)).rejects.toMatchObject(named);
		await expect(rollBackDatabase(place, context())).rejects.toMatchObject(named);
		expect(await server.sql('SELECT id FROM t', TARGET)).toBe('2\n');
		// What the message says to do, done.
		await server.sql('ALTER TABLE limits_other.c DROP FOREIGN KEY of_c');
		const { keptDatabase } = await rollBackDatabase(place, context());
		expect(await server.sql('SELECT id FROM t', TARGET)).toBe('1\n');
		await server.sql(
			`ALTER TABLE limits_other.c ADD CONSTRAINT of_c FOREIGN KEY (id) REFERENCES ${TARGET}.t (id)`,
		);
		const client = await server.client(['-e', 'INSERT INTO limits_other.c VALUES (2)']);
		expect(client.stderr).toContain('1452');
		await server.dropDatabase('limits_other');
		await server.dropDatabase(String(keptDatabase));
	});

	test('a database that only has the name of ours is left alone', async () => {
		await server.sql(
			`CREATE DATABASE ${TARGET}_n8n_staging; CREATE TABLE ${TARGET}_n8n_staging.mine (a INT)`,
		);
		await expect(restore(SQL)).rejects.toMatchObject({ code: 'sql_database_not_empty' });
		expect(await server.sql('SHOW TABLES', `${TARGET}_n8n_staging`)).toBe('mine\n');
		expect(await server.sql('SELECT id FROM t', TARGET)).toBe('1\n');
	});

	test('the remains of a restore that was killed between two statements go', async () => {
		await server.sql(`CREATE DATABASE ${TARGET}_n8n_staging`);
		const report = await restore(SQL);
		expect(report).toMatchObject({ method: 'staged', keptDatabase: null, rows: 1 });
		expect(await server.sql('SELECT id FROM t', TARGET)).toBe('2\n');
		expect(await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`)).toBe(`${TARGET}\n`);
	});

	test('a dump of phpMyAdmin', async () => {
		const report = await restore(PHP_MY_ADMIN, false);
		expect(report).toMatchObject({ rows: 2, routines: 1 });
		const content = await databaseContent(server, TARGET);
		expect(content.collation).toMatch(/^utf8(mb3)?_unicode_ci$/);
		const definition = content.objects.get('TABLE entities') ?? '';
		expect(definition).toContain('KEY `parent` (`parent`)');
		expect(definition).toContain('FOREIGN KEY (`parent`) REFERENCES `entities` (`id`)');
		expect(definition).toContain('AUTO_INCREMENT=4');
		const rows = await server.sql('SELECT id, parent, name FROM entities ORDER BY id', TARGET);
		expect(rows).toBe("0\tNULL\tit's; 'x'\n3\t0\tNULL\n");
	});
});
