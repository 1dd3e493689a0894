import { describe, expect, test } from 'vitest';

import { namesEndAt, withBackticks } from '../../lib/sql/ansi-names.ts';
import { SqlModeFollower } from '../../lib/sql/sql-mode-follower.ts';
import { statementKind } from '../../lib/sql/statement-kind.ts';

function after(...statements: readonly string[]): string {
	const follower = new SqlModeFollower();
	for (const statement of statements) follower.follow(Buffer.from(statement));
	return `${follower.ansiQuotes ? 'ansi' : ''} ${follower.noBackslashEscapes ? 'raw' : ''}`.trim();
}

describe('the sql_mode of a dump', () => {
	test.each([
		['ansi', ["SET sql_mode='ANSI_QUOTES'"]],
		['ansi', ["/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ANSI' */"]],
		['raw', ["SET SESSION sql_mode := 'no_backslash_escapes'"]],
		['raw', ["SET @@session.sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES', @x = 1"]],
		['ansi raw', ["SET @@sql_mode='ORACLE,NO_BACKSLASH_ESCAPES'"]],
		['', ["SET sql_mode='ANSI'", 'SET sql_mode = DEFAULT']],
		['', ["SET @sql_mode='ANSI'"]],
		['', ["SET @note='sql_mode', time_zone='ANSI'"]],
		[
			'ansi',
			[
				"SET sql_mode='ANSI'",
				'/*!50003 SET @saved_sql_mode       = @@sql_mode */',
				"/*!50003 SET sql_mode              = 'NO_BACKSLASH_ESCAPES' */",
				'/*!50003 SET sql_mode              = @saved_sql_mode */',
			],
		],
		[
			'',
			['SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE="ANSI"', '/*!40101 SET SQL_MODE=@OLD_SQL_MODE */'],
		],
	])('is %j after %j', (mode, statements) => {
		expect(after(...statements)).toBe(mode);
	});

	test.each([
		[
			'CREATE TABLE "a""b" ("x`y" int DEFAULT \'"\')',
			'CREATE TABLE `a"b` (`x``y` int DEFAULT \'"\')',
		],
		[
			'INSERT INTO "d"."t" ("id") VALUES (\'a"b"\')',
			'INSERT INTO `d`.`t` (`id`) VALUES (\'a"b"\')',
		],
		[
			'CREATE DEFINER="u"@"%" TRIGGER "t" BEFORE INSERT ON "b" FOR EACH ROW SET NEW."c" = 1',
			'CREATE DEFINER=`u`@`%` TRIGGER `t` BEFORE INSERT ON `b` FOR EACH ROW SET NEW."c" = 1',
		],
		['CREATE FUNCTION "f"("p" int) RETURN "p"', 'CREATE FUNCTION `f`("p" int) RETURN "p"'],
		['CREATE TABLE t (id int)', 'CREATE TABLE t (id int)'],
	])('%s in backticks', (ansi, backticks) => {
		const sql = Buffer.from(ansi);
		expect(withBackticks(sql, namesEndAt(statementKind(sql))).toString()).toBe(backticks);
	});
});
