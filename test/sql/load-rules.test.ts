import { expect, test } from 'vitest';

import { tableDefaults } from '../../lib/sql/load-rules.ts';

test.each([
	[
		'CREATE TABLE t (a text CHARACTER SET latin2) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
		'utf8mb4 utf8mb4_bin',
	],
	['CREATE TABLE t (a int) DEFAULT CHARSET=utf8', 'utf8 utf8_general_ci'],
	['CREATE TABLE t (a int) CHARSET latin1', 'latin1 latin1_swedish_ci'],
	['CREATE TABLE t (a int) ENGINE=InnoDB', ''],
	['CREATE TABLE t (a int) DEFAULT CHARSET=gb18030', ''],
	[
		'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `d` /*!40100 DEFAULT CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci */',
		'utf8mb3 utf8mb3_unicode_ci',
	],
	['CREATE DATABASE d DEFAULT CHARACTER SET = `latin1`', 'latin1 latin1_swedish_ci'],
	['ALTER DATABASE d CHARACTER SET latin1 COLLATE latin1_bin', 'latin1 latin1_bin'],
	['CREATE DATABASE d', ''],
])('%s', (sql, defaults) => {
	const { characterSet = '', collation = '' } = tableDefaults(Buffer.from(sql)) ?? {};
	expect(`${characterSet} ${collation}`.trim()).toBe(defaults);
});
