import type { TestServer } from '../servers/index.ts';

/*
 * A database with every kind of object and the forms that are easily lost, as SQL for the standard
 * client. `zoo` stands for the database's name where a statement must say it.
 */

const COMMON = `
SET NAMES utf8mb4;
SET sql_mode='STRICT_TRANS_TABLES';
CREATE TABLE base (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50), log TEXT);
INSERT INTO base VALUES (1, 'Ω', ''), (2, 'two', '');
CREATE TABLE \`odd \`\`name.%s 'q' "d" Ωü#--\` (\`a\`\`b\` INT, \`sp ace\` INT, \`dot.ted\` INT, \`100%\` INT, \`select\` INT,
	\`ü\` INT, \`;;\` INT, KEY \`k \`\`1\` (\`a\`\`b\`)) COMMENT 'it''s; "one" \\\\ Ω \\n line';
INSERT INTO \`odd \`\`name.%s 'q' "d" Ωü#--\` VALUES (1, 2, 3, 4, 5, 6, 7);
CREATE TABLE \`groups\` (\`key\` INT);
CREATE TABLE parent (id INT PRIMARY KEY, mate INT);
CREATE TABLE child (id INT PRIMARY KEY, parent INT, self INT, CONSTRAINT cp FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE,
	CONSTRAINT cs FOREIGN KEY (self) REFERENCES child (id));
INSERT INTO parent VALUES (1, 10); INSERT INTO child VALUES (11, 1, NULL), (10, 1, 11);
ALTER TABLE parent ADD CONSTRAINT pc FOREIGN KEY (mate) REFERENCES child (id);
CREATE TABLE generated_columns (a INT, v INT AS (a + 1) VIRTUAL, s INT AS (a * 2) STORED, b INT);
INSERT INTO generated_columns (a, b) VALUES (1, 2), (NULL, 4);

CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC COMMENT 'doubles; it''s' RETURN x * 2;
CREATE VIEW z_first AS SELECT id, name, twice(id) AS doubled FROM base;
CREATE VIEW a_second AS SELECT z.id, z.doubled + 1 AS \`plus one\` FROM z_first z WHERE z.name <> 'it''s; Ω';
CREATE SQL SECURITY INVOKER VIEW m_third AS SELECT * FROM a_second UNION SELECT id, 0 FROM base;
`;

const PROGRAMS = `
DELIMITER ;;
CREATE VIEW qualified AS SELECT zoo.twice(b.id) AS t, other.x FROM zoo.base b JOIN zoo_other.elsewhere other;;
CREATE VIEW checked AS SELECT id, name FROM base WHERE id < 100 WITH LOCAL CHECK OPTION;;
CREATE TRIGGER zoo.second BEFORE INSERT ON zoo.base FOR EACH ROW SET NEW.log = CONCAT(NEW.log, 'second;');;
CREATE TRIGGER first_one BEFORE INSERT ON base FOR EACH ROW PRECEDES second SET NEW.log = CONCAT(IFNULL(NEW.log, ''), 'first;');;
CREATE TRIGGER third BEFORE INSERT ON base FOR EACH ROW FOLLOWS second BEGIN SET NEW.log = CONCAT(NEW.log, 'third;'); END;;
CREATE TRIGGER \`odd \`\`trigger\` AFTER UPDATE ON base FOR EACH ROW SET @x = 'Ω'';';;
SET time_zone = '+03:00';;
CREATE EVENT switched_off ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'c' DO SET @e = 1;;
CREATE EVENT switched_on ON SCHEDULE AT '2035-05-05 05:05:05' DO BEGIN SET @e = 'a;b'; SET @f = 2; END;;
SET sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT';;
CREATE PROCEDURE ansi(OUT r VARCHAR(50)) BEGIN SELECT "name" || 'x' INTO r FROM "base" WHERE "id" = 1; END;;
SET sql_mode='NO_BACKSLASH_ESCAPES';;
CREATE PROCEDURE no_escapes() BEGIN SELECT 'a\\'; SELECT ';;', "b\\"; END;;
SET sql_mode='';;
DELIMITER $$
CREATE PROCEDURE delimiters() BEGIN SELECT ';;', '//', '\\'', "--", '/* not */'; IF 1 -- comment; with 'quote
	THEN SELECT 1; END IF; # another; "one
	/* block; ' */ END$$
DELIMITER ;;
SET NAMES latin1;;
SET collation_connection=latin1_german1_ci;;
`;

/** Bytes of a latin1 session: the body holds an Ä of one byte. */
const LATIN1 = Buffer.concat([
	Buffer.from("CREATE PROCEDURE old_client() SELECT '"),
	Buffer.from([0xc4]),
	Buffer.from("' AS x;;\nCREATE VIEW old_view AS SELECT '"),
	Buffer.from([0xc4]),
	Buffer.from(
		"' AS x;;\nSET NAMES utf8mb4;;\nALTER DATABASE zoo COLLATE utf8mb4_bin;;\nCREATE PROCEDURE other_default(p VARCHAR(10)) BEGIN DECLARE v VARCHAR(5); SET v = p; END;;\nALTER DATABASE zoo COLLATE utf8mb4_general_ci;;\n",
	),
]);

const MARIADB = `
CREATE SEQUENCE plain_seq START WITH 5 INCREMENT BY 3;
SELECT NEXTVAL(plain_seq), NEXTVAL(plain_seq);
CREATE SEQUENCE \`odd \`\`seq\` START WITH 1 MAXVALUE 3 CYCLE CACHE 0;
SELECT NEXTVAL(\`odd \`\`seq\`), NEXTVAL(\`odd \`\`seq\`), NEXTVAL(\`odd \`\`seq\`), NEXTVAL(\`odd \`\`seq\`);
CREATE SEQUENCE used_up START WITH 1 MAXVALUE 2 NOCYCLE CACHE 0;
SELECT NEXTVAL(used_up), NEXTVAL(used_up);
CREATE SEQUENCE down START WITH -1 INCREMENT BY -1 MINVALUE -9223372036854775807 MAXVALUE -1;
CREATE TABLE with_seq (id BIGINT DEFAULT NEXTVAL(plain_seq), x INT, note VARCHAR(60) DEFAULT 'nextval(\`elsewhere\`.\`plain_seq\`)');
INSERT INTO with_seq (x) VALUES (1), (2);
CREATE TABLE versioned (id INT PRIMARY KEY, x INT) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 1), (2, 2); UPDATE versioned SET x = 3 WHERE id = 1; DELETE FROM versioned WHERE id = 2;
CREATE TABLE explicit_versioned (id INT PRIMARY KEY, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
	PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING;
INSERT INTO explicit_versioned (id) VALUES (1);
`;

/** Needs the name `database` to be free, and a second database `<database>_other`. */
export async function createZoo(server: TestServer, database: string): Promise<void> {
	const other = `${database}_other`;
	for (const name of [database, other]) {
		await server.dropDatabase(name);
		await server.sql(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
	}
	await server.sql('CREATE TABLE elsewhere (x INT); INSERT INTO elsewhere VALUES (1)', other);
	const named = (text: string) =>
		Buffer.from(text.replaceAll(/\bzoo\b/g, database).replaceAll('zoo_other', other), 'utf8');
	const vendor = server.vendor === 'mariadb' ? MARIADB : '';
	const latin1 = Buffer.from(LATIN1.toString('latin1').replaceAll('zoo', database), 'latin1');
	await server.sql(Buffer.concat([named(COMMON + vendor), named(PROGRAMS), latin1]), database);
}

export async function dropZoo(server: TestServer, database: string): Promise<void> {
	await server.dropDatabase(database);
	await server.dropDatabase(`${database}_other`);
}
