import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { restoreDatabase } from '../../lib/sql/index.ts';
import { databaseContent, servers } from '../servers/index.ts';
import { chunksOf, context, dump, endpointOf } from './sql-session.ts';

const TARGET = 'foreign_text';
const END = '\n-- Dump completed\n';

/** Under ANSI_QUOTES, with the database before every name. */
const ANSI = `SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ANSI_QUOTES';
CREATE DATABASE IF NOT EXISTS "lab" DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE "lab";
DROP TABLE IF EXISTS "lab"."pa""rent";
CREATE TABLE "lab"."pa""rent" ("id" int NOT NULL, "say ""x\`""" varchar(20) DEFAULT '"', PRIMARY KEY ("id"), KEY "k" ("say ""x\`""")) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT INTO "lab"."pa""rent" ("id", "say ""x\`""") VALUES (0, 'a"b'), (1, '"'';"'), (2, 'it\\'s "Ω"');
CREATE TABLE "lab"."child" ("up" int, CONSTRAINT "c" FOREIGN KEY ("up") REFERENCES "lab"."pa""rent" ("id"));
INSERT INTO "lab"."child" VALUES (0), (NULL);
SET @saved_sql_mode = @@sql_mode;
SET sql_mode = 'NO_BACKSLASH_ESCAPES';
DELIMITER ;;
CREATE TRIGGER \`lab\`.\`t\` BEFORE INSERT ON \`lab\`.\`child\` FOR EACH ROW SET @x = 'back\\';;
DELIMITER ;
SET sql_mode = @saved_sql_mode;
CREATE TABLE "lab"."later" ("a" varchar(20));
INSERT INTO "lab"."later" VALUES ('x\\'); DROP TABLE "y'), ('z');
CREATE VIEW "lab"."v" AS SELECT "p"."id" AS "id" FROM "lab"."pa""rent" "p";
SET SQL_MODE=@OLD_SQL_MODE;${END}`;

describe.each(servers())('texts that other programs write, on $id', (server) => {
	const drop = async () => {
		for (const name of await databases()) await server.dropDatabase(name);
	};
	const databases = async () =>
		(await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`)).split('\n').filter(Boolean);
	beforeEach(drop);
	afterEach(drop);

	const restore = async (sql: string | Buffer, more: { replace?: boolean } = {}) =>
		await restoreDatabase(
			{
				...{ endpoint: endpointOf(server), database: TARGET, ...more },
				chunks: chunksOf(Buffer.from(sql)),
			},
			context(),
		);

	test('names in double quotes, with their database', async () => {
		const report = await restore(ANSI);
		expect(report).toMatchObject({ rows: 7, views: 1, triggers: 1 });
		const { objects, collation } = await databaseContent(server, TARGET);
		expect(collation).toBe('utf8mb4_bin');
		expect(objects.get('TABLE pa"rent')).toContain('KEY `k` (`say "x``"`)');
		expect(objects.get('TABLE child')).toContain('REFERENCES `pa"rent` (`id`)');
		expect(objects.get('TRIGGER t')).toContain("SET @x = 'back\\'");
		const rows = async (query: string) => await server.sql(query, TARGET);
		expect(await rows('SELECT `say "x``"` FROM `pa"rent` ORDER BY id')).toBe(
			'a"b\n"\';"\nit\'s "Ω"\n',
		);
		expect(await rows('SELECT a FROM later ORDER BY a')).toBe('x\'); DROP TABLE "y\nz\n');
		expect(await rows('SELECT id FROM v ORDER BY id')).toBe('0\n1\n2\n');
	});

	test('the character set of CREATE DATABASE, though no table has it', async () => {
		await restore(
			`CREATE DATABASE \`lab\` /*!40100 DEFAULT CHARACTER SET latin1 COLLATE latin1_bin */;\nUSE \`lab\`;\nCREATE TABLE t (a TEXT) DEFAULT CHARSET=utf8mb4;${END}`,
		);
		expect((await databaseContent(server, TARGET)).collation).toBe('latin1_bin');
	});

	test('no character set at all: letters survive, and it is said', async () => {
		const report = await restore(
			`CREATE TABLE t (a VARCHAR(20));\nINSERT INTO t VALUES ('Ω😀');${END}`,
		);
		expect(report.warnings.join('\n')).toContain('Nothing in the dump tells a character set');
		expect(await server.sql('SELECT a FROM t', TARGET)).toBe('Ω😀\n');
	});

	test('half a restore that a standard tool has dumped is refused', async () => {
		await server.sql(
			`CREATE DATABASE ${TARGET}; CREATE TABLE ${TARGET}._n8n_caosdb_restore_unfinished (note TEXT)`,
		);
		const sql = await server.dump([TARGET]);
		await server.dropDatabase(TARGET);
		await expect(restore(sql)).rejects.toMatchObject({ code: 'sql_object_unsupported' });
		expect(await databases()).toEqual([]);
	});

	test('a kept database that a standard tool or this package has dumped', async () => {
		await restore(`CREATE TABLE t (a INT);\nINSERT INTO t VALUES (1);${END}`);
		const { keptDatabase } = await restore(
			`CREATE TABLE u (a INT);\nINSERT INTO u VALUES (2), (3);${END}`,
			{ replace: true },
		);
		const kept = keptDatabase ?? '';
		const ours = await dump(server, kept);
		for (const sql of [await server.dump([kept]), ours.sql]) {
			const report = await restore(sql, { replace: true });
			expect(report.tables).toEqual([{ name: 't', rows: 1 }]);
			expect(await server.sql('SHOW TABLES', TARGET)).toBe('t\n');
		}
		expect(ours.sql.includes('_n8n_caosdb')).toBe(false);
		expect(ours.summary.tables.map(({ name }) => name)).toEqual(['t']);
	});
});
