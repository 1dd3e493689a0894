import type { TestServer } from '../servers/index.ts';

/*
 * Tables with every column type and the values that are easily lost, as SQL for the standard client. The
 * session may store what strict modes refuse: old databases hold such values.
 */

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_value, index) => index)).toString(
	'hex',
);

const COMMON = `
SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+00:00';
SET NAMES utf8mb4;
CREATE TABLE numbers (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	ti TINYINT, tu TINYINT UNSIGNED, si SMALLINT, mi MEDIUMINT, ii INT, bi BIGINT,
	bu BIGINT UNSIGNED, zf INT(8) UNSIGNED ZEROFILL, de DECIMAL(65,30), d0 DECIMAL(20,0),
	fl FLOAT, f2 FLOAT(7,2), db DOUBLE, d2 DOUBLE(20,5), bt BIT(1), bw BIT(64), yr YEAR,
	bo BOOLEAN DEFAULT TRUE
) AUTO_INCREMENT=1000;
INSERT INTO numbers VALUES
	(0, -128, 255, -32768, -8388608, -2147483648, -9223372036854775808, 18446744073709551615, 42,
	-99999999999999999999999999999999999.999999999999999999999999999999, -99999999999999999999,
	-3.40282e38, -99999.99, -1.7976931348623157e308, -12345.67891, b'1',
	b'1111111111111111111111111111111111111111111111111111111111111111', 1901, FALSE),
	(-5, 127, 0, 32767, 8388607, 2147483647, 9223372036854775807, 9007199254740993, 0,
	0.000000000000000000000000000001, 99999999999999999999, 1.17549e-38, 0.1, 5e-324, 0.00001, b'0', b'0', 2155, TRUE),
	(7, 0, 1, 0, 0, 0, 9007199254740993, 0, 12345678, 1.5, 0, 0.1, 1.5, 0.1, 0.5, NULL, b'101', 0000, NULL),
	(8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -0e0, NULL, -0e0, NULL, NULL, NULL, NULL, NULL),
	(9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 16777217, 12345.67, 123456789012345680000, 1e14, b'1', b'1', 2000, TRUE),
	(10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.333333343, 0.01, 0.30000000000000004, 3.3, b'1', b'1', 1970, TRUE);
CREATE TABLE texts (
	id INT PRIMARY KEY, u4 VARCHAR(300) CHARACTER SET utf8mb4, u3 VARCHAR(300) CHARACTER SET utf8mb3,
	l1 VARCHAR(300) CHARACTER SET latin1, l2 VARCHAR(40) CHARACTER SET latin2, a VARCHAR(300) CHARACTER SET ascii,
	c2 VARCHAR(40) CHARACTER SET ucs2, c16 VARCHAR(40) CHARACTER SET utf16, c32 VARCHAR(40) CHARACTER SET utf32,
	le VARCHAR(40) CHARACTER SET utf16le, kr VARCHAR(40) CHARACTER SET koi8r, sj VARCHAR(40) CHARACTER SET sjis,
	gb VARCHAR(40) CHARACTER SET gbk, b5 VARCHAR(40) CHARACTER SET big5,
	ch CHAR(10) CHARACTER SET utf8mb4, lt LONGTEXT CHARACTER SET utf8mb4,
	bin BINARY(8), vb VARBINARY(300), tb TINYBLOB, bl BLOB, mb MEDIUMBLOB, lb LONGBLOB,
	en ENUM('a','b''c','ü') CHARACTER SET utf8mb4, ee ENUM('','x'), st SET('x','y','z;') CHARACTER SET latin1
);
INSERT INTO texts VALUES
	(0, 'Ω ü € 😀 ''"\`\\\\ \\n\\r\\t\\0\\Z;--#/*', 'Ω ü €', 'ü€ Ä', 'ž', 'plain ~', 'Ωü', 'Ω😀', '😀', '😀', 'Привет', 'ﾊﾛｰ表', '中文', '中文',
	'x  ', '', x'00ff27225c0a0d1a', x'${ALL_BYTES}', x'', x'00', x'5c27', x'e9', 'b''c', '', 'x,y'),
	(1, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '\\\\', 'abc', 'printable ''quoted'' \\\\ text', 'a', 'b', 'c', 'd', 'ü', 'x', ''),
	(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(3, '%\\_;DELIMITER ;;', 'NULL', x'80859f', 'x', '0x41', 'a', 'b', 'c', 'd', 'e', x'5c', 'f', x'a45c', 'g', 'h', x'20', x'7f', 'i', 'j', 'k', 'l', 'a', 'x', 'z;'),
	(4, 'error', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'no member', 'no member', 'x');
CREATE TABLE times (
	id INT PRIMARY KEY, d DATE, dt DATETIME, d6 DATETIME(6), ts TIMESTAMP NULL, t6 TIMESTAMP(6) NULL, t TIME, tt TIME(6)
);
INSERT INTO times VALUES
	(0, '0000-00-00', '0000-00-00 00:00:00', '9999-12-31 23:59:59.999999', '1970-01-01 00:00:01', '2038-01-19 03:14:07.999999', '-838:59:59', '838:59:58.999999'),
	(1, '2021-02-00', '2021-00-00 00:00:00', '1000-01-01 00:00:00.000001', '0000-00-00 00:00:00', '2021-03-28 01:30:00.5', '00:00:00', '-00:00:00.000001'),
	(2, '2021-02-31', '2021-10-31 02:30:00', NULL, '2021-10-31 00:30:00', '2021-10-31 01:30:00', NULL, NULL);
CREATE TABLE shapes (id INT PRIMARY KEY, g GEOMETRY, p POINT NOT NULL, pg POLYGON, SPATIAL INDEX (p)) ENGINE=InnoDB;
INSERT INTO shapes VALUES
	(1, ST_GeomFromText('LINESTRING(0 0,1.5 -2)'), ST_GeomFromText('POINT(1 2)'), NULL),
	(2, NULL, ST_GeomFromText('POINT(-0.1 1e300)'), ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))'));
CREATE TABLE documents (id INT PRIMARY KEY, j JSON);
INSERT INTO documents VALUES (1, '{"a": [1, -2.5, "ü \\\\" 😀", null, true], "b\\\\\\\\": {}}'), (2, NULL), (3, '9007199254740993'), (4, '"\\\\u0000"');
CREATE TABLE no_key (a INT, b TEXT);
INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (NULL, NULL);
CREATE TABLE empty_one (id INT PRIMARY KEY);
CREATE TABLE only_default (a INT DEFAULT 5, b INT GENERATED ALWAYS AS (a + 1) VIRTUAL);
INSERT INTO only_default (a) VALUES (1), (NULL);
`;

const MARIADB = `
CREATE TABLE mariadb_types (id INT PRIMARY KEY, u UUID, i4 INET4, i6 INET6, co TEXT COMPRESSED, hidden INT INVISIBLE DEFAULT 3,
	v INT AS (id * 2) VIRTUAL, s INT AS (id * 3) PERSISTENT, cc INT CHECK (cc > 0), e VARCHAR(50) DEFAULT (CONCAT('a', 'b')));
INSERT INTO mariadb_types (id, u, i4, i6, co, hidden) VALUES
	(0, '123e4567-e89b-12d3-a456-426655440000', '192.0.2.1', '2001:db8::ff00:42:8329', REPEAT('x', 500), 77),
	(1, '00000000-0000-0000-0000-000000000000', '0.0.0.0', '::', '', DEFAULT), (2, NULL, NULL, NULL, NULL, NULL);
SET check_constraint_checks=0;
INSERT INTO mariadb_types (id, cc) VALUES (3, -1);
SET check_constraint_checks=1;
CREATE TABLE aria_table (id INT PRIMARY KEY, x TEXT) ENGINE=Aria;
INSERT INTO aria_table VALUES (1, 'one');
CREATE TABLE parts (id INT PRIMARY KEY, x INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (5, 1), (15, 2);
`;

const MYSQL = `
CREATE TABLE mysql_types (id INT PRIMARY KEY, v VECTOR(3), hidden INT DEFAULT 3 INVISIBLE, g INT AS (id * 2) VIRTUAL,
	s INT AS (id * 3) STORED, e VARCHAR(50) DEFAULT (CONCAT('a', 'b')), geo POINT SRID 4326, cc INT, INDEX ((cc + 1)), CHECK (cc > 0) NOT ENFORCED);
INSERT INTO mysql_types (id, v, hidden, geo, cc) VALUES
	(0, TO_VECTOR('[1.5,-2,3e10]'), 77, ST_GeomFromText('POINT(10 20)', 4326), -1), (1, NULL, DEFAULT, NULL, NULL);
CREATE TABLE parts (id INT PRIMARY KEY, x INT) PARTITION BY HASH (id) PARTITIONS 3;
INSERT INTO parts VALUES (5, 1), (15, 2);
`;

export async function createTypeMatrix(server: TestServer, database: string): Promise<void> {
	await server.dropDatabase(database);
	await server.sql(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
	await server.sql(COMMON + (server.vendor === 'mysql' ? MYSQL : MARIADB), database);
	if (server.id === 'mariadb11') {
		await server.sql(
			"CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(3) NOT NULL); INSERT INTO vectors VALUES (1, Vec_FromText('[1.5,-2,3e10]'))",
			database,
		);
	}
}
