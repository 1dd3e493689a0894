import { expect, test } from 'vitest';

import { definerOf, ownedBy } from '../../lib/sql/definer.ts';

test.each([
	['CREATE DEFINER=`a`@`%` PROCEDURE p() SELECT 1', 'a@%', 'CREATE PROCEDURE p() SELECT 1'],
	["CREATE DEFINER = 'x y'@'h' VIEW v AS SELECT 1", 'x y@h', 'CREATE VIEW v AS SELECT 1'],
	['CREATE DEFINER=`a role` FUNCTION f()', 'a role', 'CREATE FUNCTION f()'],
	['CREATE DEFINER=root@localhost FUNCTION f()', 'root@localhost', 'CREATE FUNCTION f()'],
	[
		'/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE */',
		'a@%',
		'/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER t BEFORE */',
	],
	[
		'CREATE ALGORITHM=MERGE DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW v AS SELECT 1',
		'a@%',
		'CREATE ALGORITHM=MERGE SQL SECURITY DEFINER VIEW v AS SELECT 1',
	],
])('the definer of %s', (sql, account, current) => {
	const bytes = Buffer.from(sql);
	expect(definerOf(bytes)).toBe(account);
	expect(ownedBy(bytes, { mode: 'keep' })).toBe(bytes);
	expect(ownedBy(bytes, { mode: 'remove' }).toString()).toBe(current);
	const other = ownedBy(bytes, { mode: 'replace', account: 'o`x@10.%' });
	expect(definerOf(other)).toBe('o`x@10.%');
	expect(other.toString()).toContain('DEFINER=`o``x`@`10.%`');
});

test.each([
	'CREATE SQL SECURITY DEFINER VIEW v AS SELECT 1 = 2',
	'CREATE DEFINER=CURRENT_USER PROCEDURE p() SELECT 1',
	"CREATE PROCEDURE p() SELECT 'DEFINER=a@b'",
	'CREATE FUNCTION `DEFINER`() RETURNS int',
])('%s names no account', (sql) => {
	const bytes = Buffer.from(sql);
	expect(definerOf(bytes)).toBeUndefined();
	expect(ownedBy(bytes, { mode: 'remove' })).toBe(bytes);
});

test('bytes that are not UTF-8, and a text like a definer in the body, stay', () => {
	const body = Buffer.concat([
		Buffer.from("PROCEDURE p() SELECT 'DEFINER=`b`@`%`', \""),
		Buffer.from([0xc4, 0x22]),
	]);
	const sql = Buffer.concat([Buffer.from('CREATE DEFINER=`a`@`%` '), body]);
	const removed = Buffer.concat([Buffer.from('CREATE '), body]);
	expect(ownedBy(sql, { mode: 'remove' })).toEqual(removed);
});
