import { describe, expect, test } from 'vitest';

import {
	orReplace,
	tableReferences,
	withoutSequenceDatabase,
	withoutTriggerDatabase,
	withoutViewDatabase,
} from '../../lib/sql/ddl-edits.ts';

const edit = (work: (sql: Buffer, database: string) => Buffer, sql: string, database = 'db') =>
	work(Buffer.from(sql), database).toString();

describe('defaults from sequences', () => {
	test.each([
		['a DEFAULT nextval(`db`.`s`), b', 'a DEFAULT nextval(`s`), b'],
		['lastval( `db` . `s` )', 'lastval( `s` )'],
		['nextval(`other`.`s`)', 'nextval(`other`.`s`)'],
		["DEFAULT 'nextval(`db`.`s`)'", "DEFAULT 'nextval(`db`.`s`)'"],
		['`nextval`(`db`.`s`)', '`nextval`(`db`.`s`)'],
		['/* nextval(`db`.`s`) */', '/* nextval(`db`.`s`) */'],
	])('%s', (sql, expected) => {
		expect(edit(withoutSequenceDatabase, sql)).toBe(expected);
	});

	test('a name with backticks', () => {
		expect(edit(withoutSequenceDatabase, 'nextval(`d``b`.`s`)', 'd`b')).toBe('nextval(`s`)');
	});
});

describe('triggers', () => {
	test.each([
		[
			'CREATE DEFINER=`u`@`%` TRIGGER db.t BEFORE INSERT ON `db`.x FOR EACH ROW SET @a = db.x',
			'CREATE DEFINER=`u`@`%` TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a = db.x',
		],
		[
			'CREATE TRIGGER IF NOT EXISTS `db`.`t` AFTER UPDATE ON x',
			'CREATE TRIGGER IF NOT EXISTS `t` AFTER UPDATE ON x',
		],
		[
			'CREATE TRIGGER `trigger` AFTER UPDATE ON `on` FOR',
			'CREATE TRIGGER `trigger` AFTER UPDATE ON `on` FOR',
		],
	])('%s', (sql, expected) => {
		expect(edit(withoutTriggerDatabase, sql)).toBe(expected);
	});
});

describe('views', () => {
	const view = (sql: string) => withoutViewDatabase(Buffer.from(sql), 'db', 'v').toString();

	test.each([
		[
			'select `db`.`f`(`db`.`t`.`a`) AS `x`,`other`.`t`.`b` from (`db`.`t` join `other`.`t`)',
			'select `f`(`t`.`a`) AS `x`,`other`.`t`.`b` from (`t` join `other`.`t`)',
		],
		["select '`db`.`t`' AS `db.t`", "select '`db`.`t`' AS `db.t`"],
		['select `t`.`db` from `t`', 'select `t`.`db` from `t`'],
	])('%s', (sql, expected) => {
		expect(view(sql)).toBe(expected);
	});

	test('an alias with the name of the database cannot be told from it', () => {
		expect(() => view('select `db`.`a` from `t` `db`')).toThrow('alias');
	});

	test('OR REPLACE comes in once', () => {
		expect(edit(orReplace, 'CREATE ALGORITHM=MERGE VIEW')).toBe(
			'CREATE OR REPLACE ALGORITHM=MERGE VIEW',
		);
		expect(edit(orReplace, 'CREATE OR REPLACE VIEW')).toBe('CREATE OR REPLACE VIEW');
	});
});

describe('what a view reads', () => {
	test.each([
		[
			'VIEW `v` AS select `t`.`a` AS `x`,`f`(`u`.`b`) AS `stats` from (`t` join `groups` `u` on(`t`.`a` = `u`.`b`))',
			['t', 'groups'],
		],
		['VIEW `v` AS select 1 AS `one` from `other`.`stats`', []],
		['VIEW `v` AS (select `a`.`x` from `a`) union select 0 from `b` where `b`.`c` > 1', ['a', 'b']],
	])('%s', (sql, names) => {
		const found = tableReferences(Buffer.from(sql));
		expect([...found].filter((name) => name !== 'v').sort()).toEqual([...names].sort());
	});
});
