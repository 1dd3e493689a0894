import { describe, expect, test } from 'vitest';

import { Grants } from '../../lib/sql/grants.ts';
import { grantee } from '../../lib/sql/privilege-errors.ts';

describe('what the lines of SHOW GRANTS allow', () => {
	test.each([
		['GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION', 'TRIGGER', true],
		['GRANT SELECT, SHOW VIEW ON `la`.* TO `u`@`%`', 'SHOW VIEW', true],
		['GRANT SELECT, SHOW VIEW ON `la`.* TO `u`@`%`', 'TRIGGER', false],
		['GRANT SELECT ON `other`.* TO `u`@`%`', 'SELECT', false],
		['GRANT SELECT ON `l_`.* TO `u`@`%`', 'SELECT', true],
		['GRANT SELECT ON `l\\_`.* TO `u`@`%`', 'SELECT', false],
		['GRANT SELECT ON `l%`.* TO `u`@`%`', 'SELECT', true],
		['GRANT SELECT ON `la`.`t` TO `u`@`%`', 'SELECT', false],
		['GRANT SELECT (`a`, `b`), EVENT ON `la`.* TO `u`@`%`', 'SELECT', false],
		['GRANT SELECT (`a`, `b`), EVENT ON `la`.* TO `u`@`%`', 'EVENT', true],
		['GRANT EXECUTE ON PROCEDURE `la`.`p` TO `u`@`%`', 'EXECUTE', false],
		['GRANT `role` TO `u`@`%`', 'SELECT', false],
		['GRANT PROXY ON ``@`` TO `u`@`%`', 'SELECT', false],
	])('%s: %s is %s', (line, privilege, expected) => {
		expect(new Grants([line], 'la').has(privilege)).toBe(expected);
	});

	test('rights on the table of routines', () => {
		expect(new Grants(['GRANT SELECT ON `mysql`.`proc` TO u'], 'la').readsProcTable).toBe(true);
		expect(new Grants(['GRANT SELECT ON `la`.* TO u'], 'la').readsProcTable).toBe(false);
	});

	test('what a partial revoke takes away', () => {
		const lines = ['GRANT SELECT, EVENT ON *.* TO u', 'REVOKE SELECT ON `la`.* FROM u'];
		const grants = new Grants(lines, 'la');
		expect([grants.has('SELECT'), grants.has('EVENT')]).toEqual([false, true]);
		expect(new Grants(lines, 'lb').has('SELECT')).toBe(true);
	});

	test('an account as GRANT wants it', () => {
		expect(grantee("o'x@y@10.0.0.%")).toBe("'o''x@y'@'10.0.0.%'");
	});
});
