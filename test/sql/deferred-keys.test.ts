import { expect, test } from 'vitest';

import { deferKeys } from '../../lib/sql/deferred-keys.ts';

const parts = (sql: string) => {
	const deferred = deferKeys(Buffer.from(sql));
	const text = (bytes: readonly Buffer[]) => bytes.map((part) => part.toString());
	return deferred === undefined
		? undefined
		: {
				bare: deferred.bare.toString().replaceAll(/\s+/g, ' '),
				keys: text(deferred.keys),
				foreignKeys: text(deferred.foreignKeys),
			};
};

test('plain keys and foreign keys go, all else stays', () => {
	const sql = `CREATE TABLE \`t\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`b\` varchar(9) DEFAULT 'KEY \`x\` (\`y\`), ',
  \`c\` decimal(5,2) DEFAULT NULL COMMENT 'a, b) c',
  PRIMARY KEY (\`b\`,\`c\`),
  KEY \`counter\` (\`id\`),
  UNIQUE KEY \`u\` (\`c\`),
  KEY \`k\` (\`c\`,\`b\`(3)) USING BTREE COMMENT 'it''s, (',
  FULLTEXT KEY \`f\` (\`b\`),
  CONSTRAINT \`fk\` FOREIGN KEY (\`c\`) REFERENCES \`o\` (\`d\`) ON DELETE CASCADE,
  CONSTRAINT \`ck\` CHECK (\`c\` > (1 + 2))
) ENGINE=InnoDB AUTO_INCREMENT=7 COMMENT='KEY (a)'`;
	expect(parts(sql)).toEqual({
		bare: "CREATE TABLE `t` ( `id` int NOT NULL AUTO_INCREMENT, `b` varchar(9) DEFAULT 'KEY `x` (`y`), ', `c` decimal(5,2) DEFAULT NULL COMMENT 'a, b) c', PRIMARY KEY (`b`,`c`), KEY `counter` (`id`), UNIQUE KEY `u` (`c`), FULLTEXT KEY `f` (`b`), CONSTRAINT `ck` CHECK (`c` > (1 + 2)) ) ENGINE=InnoDB AUTO_INCREMENT=7 COMMENT='KEY (a)'",
		keys: ["ADD KEY `k` (`c`,`b`(3)) USING BTREE COMMENT 'it''s, ('"],
		foreignKeys: ['ADD CONSTRAINT `fk` FOREIGN KEY (`c`) REFERENCES `o` (`d`) ON DELETE CASCADE'],
	});
});

test.each([
	'CREATE TABLE `t` (`a` int)',
	'CREATE TABLE `t` (`a` int, PRIMARY KEY (`a`), UNIQUE KEY `u` (`a`))',
	'CREATE TABLE `t` (`ü` int, KEY `k` (`ü`))',
	'CREATE TABLE `t` (`a` int, KEY `k` (`a`)) WITH SYSTEM VERSIONING',
	'CREATE TEMPORARY TABLE `t` (`a` int, KEY `k` (`a`))',
	'CREATE TABLE `t` LIKE `u`',
	'CREATE TABLE `t` AS SELECT (1)',
	'CREATE TABLE `key` (`key` int, `index` int)',
])('%s stays whole', (sql) => {
	expect(parts(sql)).toBeUndefined();
});

test('only foreign keys go where the others are to stay', () => {
	const sql =
		'CREATE TABLE `t` (`a` int, KEY `k` (`a`), CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `o` (`a`))';
	const deferred = deferKeys(Buffer.from(sql), 'foreignKeys');
	expect(deferred?.bare.toString().replaceAll(/\s+/g, ' ')).toBe(
		'CREATE TABLE `t` (`a` int, KEY `k` (`a`) )',
	);
	expect(deferred?.keys).toEqual([]);
	expect(deferred?.foreignKeys.map(String)).toEqual([
		'ADD CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `o` (`a`)',
	]);
});
