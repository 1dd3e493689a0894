import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { restoreDatabase } from '../../lib/sql/index.ts';
import {
	type TestServer,
	contentDifferences,
	databaseContent,
	debianTool,
	mustRun,
	servers,
} from '../servers/index.ts';
import { chunksOf, context, endpointOf } from './sql-session.ts';

const SOURCE = 'foreign_a';
const TARGET = 'foreign_b';

const STATEMENTS = `
SET NAMES utf8mb4; SET sql_mode='NO_AUTO_VALUE_ON_ZERO,STRICT_TRANS_TABLES';
CREATE TABLE z_parent (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(60), bytes VARBINARY(80), KEY (name));
INSERT INTO z_parent VALUES (0, 'zero; Ω ''q'' \\\\ back', 0x00ff27225c0a0d1a3b80), (7, NULL, '');
CREATE TABLE a_child (id BIGINT, parent INT UNSIGNED, num DECIMAL(65,30), txt TEXT, FOREIGN KEY (parent) REFERENCES z_parent (id));
INSERT INTO a_child VALUES (9223372036854775807, 0, 1.000000000000000000000000000001, '-- not a comment\\n/* ; */'), (NULL, 7, NULL, 'a\\tb\\r\\n');
CREATE TABLE \`odd ; name\` (\`x;y\` INT); INSERT INTO \`odd ; name\` VALUES (1);
DELIMITER ;;
CREATE FUNCTION f(p VARCHAR(10)) RETURNS INT DETERMINISTIC BEGIN DECLARE v VARCHAR(5); SET v = p; RETURN CHAR_LENGTH(v); END;;
CREATE PROCEDURE p() BEGIN SELECT ';;'; IF 1 THEN SELECT 'a;b'; END IF; END;;
CREATE VIEW v AS SELECT id, f('abc') AS f FROM z_parent WHERE name <> ';';;
CREATE TRIGGER t BEFORE INSERT ON z_parent FOR EACH ROW BEGIN SET NEW.name = CONCAT(NEW.name, ';'); END;;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DO SET @e = 'x;';;
`;

const OPTION_SETS: ReadonlyArray<readonly string[]> = [
	[],
	['--compact'],
	['--extended-insert=FALSE'],
	['--hex-blob'],
	['--databases'],
	['--add-drop-database', '--databases'],
	['--complete-insert'],
	['--quick'],
	// Without the options of CREATE TABLE a dump lacks AUTO_INCREMENT and character sets.
	['--skip-opt', '--create-options'],
	['--skip-comments', '--skip-set-charset'],
	['--single-transaction', '--tz-utc', '--order-by-primary'],
];

/** What MySQL prints of a column's character set depends on how the table was made. */
function isSpelling(line: string): boolean {
	const [was, is] = line.replaceAll(/ CHARACTER SET \w+ COLLATE/g, ' COLLATE').split(' → ');
	return is !== undefined && was?.endsWith(is) === true;
}

async function differences(server: TestServer): Promise<readonly string[]> {
	const [before, after] = [
		await databaseContent(server, SOURCE),
		await databaseContent(server, TARGET),
	];
	return contentDifferences(before, after).filter((line) => !isSpelling(line));
}

async function restore(server: TestServer, sql: Uint8Array, requireEnd: boolean) {
	const place = { endpoint: endpointOf(server), database: TARGET };
	return await restoreDatabase({ ...place, chunks: chunksOf(sql), requireEnd }, context());
}

describe.each(servers())('dumps of the standard tools on $id', (server) => {
	const all = ['--routines', '--events', '--triggers'];

	beforeAll(async () => {
		await server.dropDatabase(SOURCE);
		await server.sql(`CREATE DATABASE ${SOURCE} CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci`);
		await server.sql(STATEMENTS, SOURCE);
	});
	afterEach(async () => await server.dropDatabase(TARGET));
	afterAll(async () => await server.dropDatabase(SOURCE));

	test.each(OPTION_SETS)('restore equal: %s %s', async (...given) => {
		const options = given.filter((option) => option !== undefined);
		const sql = await server.dump([...all, ...options, SOURCE]);
		const requireEnd = !options.some((option) => /compact|skip-comments/.test(option));
		const report = await restore(server, sql, requireEnd);
		expect(await differences(server)).toEqual([]);
		expect(report).toMatchObject({
			method: 'staged',
			rows: 5,
			routines: 2,
			triggers: 1,
			events: 1,
		});
		expect(report.warnings.join('\n')).toContain(
			options.includes('--databases') ? '' : 'utf8mb3_unicode_ci',
		);
	});

	/** They leave out the options of CREATE TABLE: no character set, no AUTO_INCREMENT. */
	test.each([
		['--skip-opt'],
		['--compatible=ansi'],
		['--compatible=ansi', '--databases'],
		['--compatible=ansi', '--complete-insert', '--hex-blob'],
	])('have every row and object again: %s %s', async (...options) => {
		// With --compatible some of them write latin1 unless told otherwise, and lose letters themselves.
		const letters = '--default-character-set=utf8mb4';
		const sql = await server.dump([...all, ...options.filter(Boolean), letters, SOURCE]);
		const report = await restore(server, sql, true);
		expect(report).toMatchObject({ rows: 5, routines: 2, triggers: 1, events: 1 });
		const tells = sql.includes('CHARSET=') || sql.includes('DEFAULT CHARACTER SET');
		expect(report.warnings.join('\n').includes('Nothing in the dump tells')).toBe(!tells);
		const [before, after] = [
			await databaseContent(server, SOURCE),
			await databaseContent(server, TARGET),
		];
		expect(after.tables).toEqual(before.tables);
		expect([...after.objects.keys()].sort()).toEqual([...before.objects.keys()].sort());
	});

	test('a dump that says where it ends is demanded, unless told otherwise', async () => {
		const sql = await server.dump([...all, '--compact', SOURCE]);
		await expect(restore(server, sql, true)).rejects.toMatchObject({ code: 'artifact_truncated' });
		// Cut within a statement it is refused in any case.
		const cut = sql.subarray(0, sql.length - 3);
		await expect(restore(server, cut, false)).rejects.toMatchObject({
			code: 'artifact_truncated',
		});
		const report = await restore(server, sql, false);
		expect(report.warnings.join('\n')).toContain('whether it is whole could not be verified');
	});

	test('a dump of several databases is refused', async () => {
		await server.sql(`DROP DATABASE IF EXISTS foreign_c; CREATE DATABASE foreign_c`);
		const sql = await server.dump(['--databases', SOURCE, 'foreign_c']);
		await server.dropDatabase('foreign_c');
		await expect(restore(server, sql, true)).rejects.toMatchObject({
			code: 'sql_object_unsupported',
		});
	});
});

const MARIADB = servers().filter(({ vendor }) => vendor === 'mariadb');

describe.each(MARIADB)('dumps of mydumper on $id', (server) => {
	beforeAll(async () => {
		await server.dropDatabase(SOURCE);
		await server.sql(`CREATE DATABASE ${SOURCE} CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci`);
		await server.sql(STATEMENTS, SOURCE);
	});
	afterAll(async () => {
		for (const name of [SOURCE, TARGET]) await server.dropDatabase(name);
	});

	/** Its files of routines, triggers and events hold no DELIMITER, so only its own loader reads them. */
	test('restore equal, one file after the other', async () => {
		const tool = await debianTool({ program: 'mydumper', package: 'mydumper' });
		const folder = await mkdtemp(join(tmpdir(), 'mydumper-'));
		const { host, port, user } = server.address;
		try {
			await server.sql('DROP VIEW v', SOURCE);
			await mustRun([
				...tool,
				...['--host', host, '--port', String(port), '--user', user, '--outputdir', folder],
				...['--database', SOURCE],
			]);
			const names = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
			const kinds = ['-schema-create.sql', '-schema.sql', '.sql'];
			const kind = (name: string) => kinds.findIndex((end) => name.endsWith(end));
			const files = [];
			for (const name of names.sort((a, b) => kind(a) - kind(b))) {
				files.push(await readFile(join(folder, name)));
			}
			await restore(server, Buffer.concat(files), false);
			const [before, after] = [
				await databaseContent(server, SOURCE),
				await databaseContent(server, TARGET),
			];
			expect(after.tables).toEqual(before.tables);
			expect([after.characterSet, after.collation]).toEqual([
				before.characterSet,
				before.collation,
			]);
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	});
});
