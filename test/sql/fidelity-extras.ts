import type { TestServer } from '../servers/index.ts';

/* What neither the type matrix nor the zoo of objects has, as SQL for the standard client. */

const WIDE_COLUMNS = Array.from({ length: 1000 }, (_value, index) => `c${index} TINYINT`);
const BIT_WIDTHS = [1, 3, 8, 9, 16, 17, 33, 63, 64];

const COMMON = `
SET NAMES utf8mb4;
SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+05:30';
CREATE TABLE wide (${WIDE_COLUMNS.join(', ')});
INSERT INTO wide (c0, c999) VALUES (1, -1), (NULL, 127);
CREATE TABLE bits (${BIT_WIDTHS.map((width) => `b${width} BIT(${width})`).join(', ')});
INSERT INTO bits VALUES (${BIT_WIDTHS.map(() => '0').join(', ')}), (${BIT_WIDTHS.map((width) => `b'1${'01'.repeat(width).slice(0, width - 1)}'`).join(', ')}),
	(${BIT_WIDTHS.map(() => 'NULL').join(', ')});
CREATE TABLE composite (a INT NOT NULL, b VARCHAR(20) CHARACTER SET latin1 NOT NULL, c DATE NOT NULL, x INT, y TEXT,
	PRIMARY KEY (b, a, c), UNIQUE KEY u (x), KEY prefixed (b(5), y(10)));
INSERT INTO composite VALUES (2, 'b', '2021-01-01', 1, 'y'), (1, 'b', '0000-00-00', 2, NULL), (0, 'ä', '2021-02-31', NULL, '');
CREATE TABLE subparts (id INT NOT NULL, d DATE NOT NULL) PARTITION BY RANGE (YEAR(d)) SUBPARTITION BY HASH (TO_DAYS(d)) SUBPARTITIONS 2 (
	PARTITION old VALUES LESS THAN (2000) COMMENT 'it''s old', PARTITION now VALUES LESS THAN MAXVALUE);
INSERT INTO subparts VALUES (1, '1999-12-31'), (2, '2020-02-29');
CREATE TABLE listed (k INT, v INT) PARTITION BY LIST COLUMNS (k) (PARTITION a VALUES IN (1, NULL), PARTITION b VALUES IN (2, 3));
INSERT INTO listed VALUES (NULL, 0), (1, 1), (3, 3);
CREATE TABLE in_memory (id INT PRIMARY KEY, t VARCHAR(10)) ENGINE=MEMORY;
INSERT INTO in_memory VALUES (0, 'zero'), (1, NULL);
CREATE TABLE in_myisam (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT, g GEOMETRY NOT NULL, FULLTEXT KEY f (t), SPATIAL KEY s (g)) ENGINE=MyISAM;
INSERT INTO in_myisam VALUES (0, 'zero', ST_GeomFromText('POINT(1 1)')), (5, 'five', ST_GeomFromText('POINT(2 2)'));
CREATE TABLE collations (a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, b VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
	c VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci, d VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_spanish_ci,
	e CHAR(20) CHARACTER SET latin1 COLLATE latin1_bin, f TEXT CHARACTER SET ucs2 COLLATE ucs2_bin, g CHAR(4) CHARACTER SET utf16,
	h ENUM('Ä','Ω') CHARACTER SET ucs2, i SET('ä','ö') CHARACTER SET latin1);
INSERT INTO collations VALUES ('aÄ', 'ß😀', 'ÄöÜ', 'ñ', 'x', 'Ω', '😀', 'Ω', 'ä,ö'), ('', '', '', '', '', '', '', 'Ä', ''), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE members (id INT PRIMARY KEY, a ENUM('it''s','a,b','',' x','\\\\','"','ü;'), b SET('x''y','"','\\\\n',' z'), c ENUM('1','0','2'), d ENUM('only') NOT NULL);
INSERT INTO members VALUES (1, 'it''s', 'x''y,"', '1', 'only'), (2, 'a,b', '', '0', 'only'), (3, '', '\\\\n, z', '2', 'only'), (4, '\\\\', NULL, NULL, 'only'),
	(5, 'no member', 'x''y', 'no member', 'no member'), (6, ' x', '"', 2, 'only'), (7, 'ü;', '', 3, 'only');
CREATE TABLE defaults (id INT NOT NULL AUTO_INCREMENT, t TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	d6 DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), n TIMESTAMP NULL DEFAULT NULL, z DATETIME DEFAULT '0000-00-00 00:00:00',
	s VARCHAR(50) DEFAULT 'it''s "x" \\\\ \\n' COMMENT 'a; ''b'' "c" \\\\ \\n d', b VARBINARY(5) DEFAULT 'ab', f DOUBLE DEFAULT -1.5e-10, dd DECIMAL(5,2) DEFAULT 1.5,
	bb BIT(4) DEFAULT b'101', e VARCHAR(40) DEFAULT (CONCAT('a', 1 + 1)), PRIMARY KEY (id)) AUTO_INCREMENT=4000 COMMENT 'it''s';
INSERT INTO defaults (id) VALUES (0), (7);
CREATE TABLE \`new
line\` (\`co
lumn\` INT, KEY \`in
dex\` (\`co
lumn\`)) COMMENT 'two
lines';
INSERT INTO \`new
line\` VALUES (1);
CREATE TABLE geometries (id INT PRIMARY KEY, g GEOMETRY, p POINT, l LINESTRING, pg POLYGON, mp MULTIPOINT, ml MULTILINESTRING, mg MULTIPOLYGON, gc GEOMETRYCOLLECTION);
INSERT INTO geometries VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(1.1 -2e-5)'), ST_GeomFromText('LINESTRING(0 0,1 1)'),
	ST_GeomFromText('POLYGON((0 0,0 3,3 3,0 0))'), ST_GeomFromText('MULTIPOINT(1 1,2 2)'), ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))'),
	ST_GeomFromText('MULTIPOLYGON(((0 0,0 3,3 3,0 0)))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')),
	(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE two_fulltexts (id INT PRIMARY KEY, a TEXT, b TEXT, FULLTEXT KEY fa (a), FULLTEXT KEY fb (b)) ENGINE=InnoDB;
INSERT INTO two_fulltexts VALUES (1, 'one', 'eins');
CREATE TABLE compressed_rows (id INT PRIMARY KEY, t TEXT) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
INSERT INTO compressed_rows VALUES (1, REPEAT('x', 5000));
CREATE TABLE doubles (id INT PRIMARY KEY, d DOUBLE, f FLOAT);
INSERT INTO doubles VALUES (1, 2.2250738585072014e-308, 1e-45), (2, 4.9e-324, 3.4028235e38), (3, 0.1, 0.1), (4, 1e15, 123456.7), (5, 1e16, 1e7), (6, 123456789012345678, 16777216),
	(7, -0e0, -0e0), (8, 9007199254740993, 0.000123456789), (9, 5e-5, 1e-10), (10, 1.7976931348623157e308, -3.4028235e38);
CREATE VIEW listed_columns (\`first one\`, \`it's\`) AS SELECT id, d FROM doubles WHERE d > 0.1 WITH CASCADED CHECK OPTION;
CREATE ALGORITHM=TEMPTABLE VIEW with_algorithm AS SELECT COUNT(*) AS \`count(*)\` FROM listed_columns;
CREATE DEFINER=nobody@nowhere PROCEDURE owned_by_nobody() READS SQL DATA SQL SECURITY INVOKER COMMENT 'c' SELECT 1;
`;

const MARIADB = `
CREATE TABLE booked (room INT, p1 DATE, p2 DATE, PERIOD FOR booking(p1, p2), UNIQUE (room, booking WITHOUT OVERLAPS));
INSERT INTO booked VALUES (1, '2020-01-01', '2020-02-01'), (1, '2020-02-01', '2020-03-01');
CREATE TABLE named_checks (a INT CHECK (a > 0), b JSON, CONSTRAINT positive CHECK (a > -5), CONSTRAINT \`it's\` CHECK (a < 100), KEY i (a) IGNORED);
INSERT INTO named_checks VALUES (5, '{"a":1.10}');
CREATE TABLE dynamic_columns (id INT, d BLOB); INSERT INTO dynamic_columns VALUES (1, COLUMN_CREATE('a', 1, 'b', 'x'));
DELIMITER ;;
CREATE AGGREGATE FUNCTION longest(x VARCHAR(50)) RETURNS VARCHAR(50) DETERMINISTIC BEGIN
	DECLARE best VARCHAR(50) DEFAULT '';
	DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN best;
	LOOP FETCH GROUP NEXT ROW; IF LENGTH(x) > LENGTH(best) THEN SET best = x; END IF; END LOOP;
END;;
SET sql_mode=ORACLE;;
CREATE PACKAGE tools AS FUNCTION twice(x INT) RETURN INT; PROCEDURE note(t VARCHAR2); END;;
CREATE PACKAGE BODY tools AS
	last_note VARCHAR2(100);
	FUNCTION twice(x INT) RETURN INT AS BEGIN RETURN x * 2; END;
	PROCEDURE note(t VARCHAR2) AS BEGIN last_note := t; END;
BEGIN last_note := 'none; yet'; END;;
CREATE PROCEDURE oracle_style(a IN OUT INT) AS BEGIN a := a + 1; END;;
DELIMITER ;
`;

const MYSQL = `
CREATE TABLE indexes (a INT, b JSON, c VARCHAR(50), KEY down (a DESC), KEY hidden (c) INVISIBLE, KEY computed ((LOWER(c))), KEY many ((CAST(b->'$.tags' AS UNSIGNED ARRAY))));
INSERT INTO indexes VALUES (1, '{"tags": [1, 2]}', 'X'), (NULL, NULL, NULL);
CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(4)); INSERT INTO vectors VALUES (1, TO_VECTOR('[1,2.5,-3,0]'));
`;

/** Adds to an existing database of the character set utf8mb4. */
export async function addFidelityExtras(server: TestServer, database: string): Promise<void> {
	await server.sql(COMMON + (server.vendor === 'mysql' ? MYSQL : MARIADB), database);
}
