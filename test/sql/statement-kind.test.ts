import { describe, expect, test } from 'vitest';

import { tableDefaults } from '../../lib/sql/load-rules.ts';
import { sqlModeOf } from '../../lib/sql/sql-mode-statement.ts';
import { statementKind } from '../../lib/sql/statement-kind.ts';

const kind = (sql: string) => statementKind(Buffer.from(sql));
const name = (text: string, database?: string) => ({ name: text, database });

describe('a statement is recognised by its beginning', () => {
	test.each([
		['CREATE TABLE `a``b` (x INT)', 'create', 'table', [name('a`b')]],
		['create temporary table if not exists a', 'create', 'table', [name('a')]],
		['/*!50001 CREATE VIEW `v` AS SELECT 1 */', 'create', 'view', [name('v')]],
		[
			'/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`event`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */',
			...(['create', 'view', [name('v')]] as const),
		],
		['CREATE OR REPLACE DEFINER=table@view FUNCTION `f`()', 'create', 'function', [name('f')]],
		['CREATE DEFINER=CURRENT_USER() PROCEDURE p()', 'create', 'procedure', [name('p')]],
		[
			'/*!50003 CREATE*/ /*!50017 DEFINER=`u`@`h`*/ /*!50003 TRIGGER t BEFORE */',
			...(['create', 'trigger', [name('t')]] as const),
		],
		['CREATE EVENT IF NOT EXISTS db.e ON', 'create', 'event', [name('e', 'db')]],
		['CREATE SEQUENCE `s` start with 1', 'create', 'sequence', [name('s')]],
		['DROP TABLE IF EXISTS `a`, db.`b`', 'drop', 'table', [name('a'), name('b', 'db')]],
		['DROP SCHEMA x', 'drop', 'database', [name('x')]],
		['ALTER DATABASE CHARACTER SET utf8', 'alter', 'database', [{}]],
		['ALTER DATABASE `character` COLLATE x', 'alter', 'database', [name('character')]],
		['ALTER TABLE `t` ADD KEY (a)', 'alter', 'table', [name('t')]],
	])('%s', (sql, verb, object, names) => {
		expect(kind(sql)).toEqual({ verb, object, names });
	});

	test.each([
		['INSERT INTO `t` VALUES (1)', true, false, name('t')],
		['INSERT INTO t (a, `b)`) VALUES (1)', true, true, name('t')],
		['INSERT IGNORE INTO t VALUES (1)', false, false, name('t')],
		['REPLACE INTO db.t VALUES (1)', false, false, name('t', 'db')],
		['INSERT INTO t SELECT 1', false, false, name('t')],
	])('%s', (sql, plain, hasColumnList, table) => {
		expect(kind(sql)).toEqual({ verb: 'insert', plain, hasColumnList, table });
	});

	test.each([
		['SET NAMES utf8', ['NAMESUTF8']],
		["/*!40101 SET @OLD=@@SQL_MODE, SQL_MODE='X' */", ['@OLD', 'SQL_MODE']],
		["SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1'", ['@@GLOBAL.GTID_PURGED']],
		['SET GLOBAL x = 1', ['GLOBALX']],
		['SET a = f(1, 2), b := 3', ['A', 'B']],
	])('%s', (sql, variables) => {
		expect(kind(sql)).toEqual({ verb: 'set', variables });
	});

	test.each([
		['USE db', 'use'],
		['LOCK TABLES t WRITE', 'lock'],
		['/*!40000 ALTER TABLE `t` DISABLE KEYS */', 'lock'],
		['SELECT SETVAL(s, 1)', 'harmless'],
		["SELECT 1 INTO OUTFILE '/x'", 'other'],
		['GRANT ALL ON x TO y', 'other'],
		['CREATE USER x', 'other'],
		['CREATE INDEX i ON event (a)', 'other'],
		['/*M!999999\\- enable the sandbox mode */', 'empty'],
		['-- only a comment', 'empty'],
	])('%s', (sql, verb) => {
		expect(kind(sql).verb).toBe(verb);
	});
});

test.each([
	["SET sql_mode='ANSI,NO_BACKSLASH_ESCAPES'", ['ANSI', 'NO_BACKSLASH_ESCAPES']],
	["/*!50003 SET sql_mode              = 'a' */ ", ['A']],
	["SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE=''", []],
	['SET sql_mode = @saved', []],
	['SET @saved = @@sql_mode', undefined],
	['SET NAMES utf8', undefined],
])('the mode of %s', (sql, modes) => {
	expect(sqlModeOf(Buffer.from(sql))?.modes).toEqual(modes);
});

test.each([
	[
		'CREATE TABLE t (a INT) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_unicode_ci',
		'utf8_unicode_ci',
	],
	["CREATE TABLE t (a TEXT COLLATE x) COMMENT='CHARSET=a COLLATE=b'", undefined],
])('the defaults of %s', (sql, collation) => {
	expect(tableDefaults(Buffer.from(sql))?.collation).toBe(collation);
});
