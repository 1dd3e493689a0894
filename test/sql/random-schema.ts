import fc from 'fast-check';

/* Random tables with random rows, as SQL for the standard client. */

interface ColumnType {
	readonly sql: string;
	/** Literals of values. */
	readonly value: fc.Arbitrary<string>;
	/** May be the column of a key as it is. */
	readonly key: boolean;
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex') || '00'}`;

/** Surrogates alone are no text. */
const text = fc.oneof(
	fc.string({ unit: 'grapheme', maxLength: 30 }),
	fc.string({ unit: 'binary', maxLength: 30 }),
	fc.constantFrom("'", '\\', '"', '`', '\0', '\r\n', '\x1a', ';', '--', '/*', '\t', ' x ', '😀'),
);
const basic = text.map((value) => value.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '?'));
const narrow = text.map((value) => value.replaceAll(/[^\0-\x7e]/gu, 'ü'));
const bytes = fc.uint8Array({ maxLength: 60 });

const asText = (value: string) => (value === '' ? "''" : `_utf8mb4 ${hex(Buffer.from(value))}`);
const asBytes = (value: Uint8Array) => (value.length === 0 ? "''" : hex(value));

function integer(sql: string, min: bigint, max: bigint): ColumnType {
	const value = fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n));
	return { sql, value: value.map(String), key: true };
}

const two = (value: number) => String(value).padStart(2, '0');
const moment = fc
	.tuple(
		fc.integer({ min: 1971, max: 2037 }),
		fc.integer({ min: 1, max: 12 }),
		fc.integer({ min: 1, max: 28 }),
		fc.integer({ min: 0, max: 86_399_999 }),
	)
	.map(([year, month, day, ms]) => {
		const seconds = Math.floor(ms / 1000);
		const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
		return `${year}-${two(month)}-${two(day)} ${clock}.${String(ms % 1000).padStart(3, '0')}`;
	});

const TYPES: readonly ColumnType[] = [
	integer('TINYINT', -128n, 127n),
	integer('SMALLINT UNSIGNED', 0n, 65_535n),
	integer('INT', -(2n ** 31n), 2n ** 31n - 1n),
	integer('BIGINT', -(2n ** 63n), 2n ** 63n - 1n),
	integer('BIGINT UNSIGNED', 0n, 2n ** 64n - 1n),
	{
		sql: 'DECIMAL(40,15)',
		value: fc
			.tuple(fc.bigInt({ min: -(10n ** 25n) + 1n, max: 10n ** 25n - 1n }), fc.nat(999_999))
			.map(([whole, part]) => `${whole}.${part}`),
		key: false,
	},
	{
		sql: 'DOUBLE',
		value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => `'${value}'`),
		key: false,
	},
	{
		sql: 'FLOAT',
		value: fc
			.float({
				noNaN: true,
				noDefaultInfinity: true,
				min: Math.fround(-3e38),
				max: Math.fround(3e38),
			})
			.map((value) => `'${value}'`),
		key: false,
	},
	{ sql: 'BIT(19)', value: fc.nat(2 ** 19 - 1).map(String), key: false },
	{ sql: 'VARCHAR(120) CHARACTER SET utf8mb4', value: text.map(asText), key: false },
	{ sql: 'VARCHAR(120) CHARACTER SET utf8mb3', value: basic.map(asText), key: false },
	{ sql: 'TEXT CHARACTER SET utf16', value: text.map(asText), key: false },
	{ sql: 'VARCHAR(120) CHARACTER SET latin1', value: narrow.map(asText), key: false },
	{ sql: 'CHAR(40) CHARACTER SET utf8mb4', value: text.map(asText), key: false },
	{ sql: 'VARBINARY(80)', value: bytes.map(asBytes), key: false },
	{ sql: 'BINARY(60)', value: bytes.map(asBytes), key: false },
	{ sql: 'LONGBLOB', value: bytes.map(asBytes), key: false },
	{
		sql: "ENUM('','a','it''s','ü')",
		value: fc.integer({ min: 1, max: 4 }).map(String),
		key: false,
	},
	{ sql: "SET('a','b''','\\\\','ü')", value: fc.nat(15).map(String), key: false },
	{ sql: 'DATE', value: moment.map((at) => `'${at.slice(0, 10)}'`), key: false },
	{ sql: 'DATETIME(6)', value: moment.map((at) => `'${at}'`), key: false },
	{ sql: 'TIMESTAMP(3) NULL', value: moment.map((at) => `'${at}'`), key: false },
	{
		sql: 'TIME(6)',
		value: fc
			.tuple(fc.integer({ min: -838, max: 838 }), fc.nat(59), fc.nat(999_999))
			.map(([h, m, u]) => `'${h}:${two(m)}:00.${String(u).padStart(6, '0')}'`),
		key: false,
	},
	{ sql: 'YEAR', value: fc.integer({ min: 1901, max: 2155 }).map(String), key: false },
	{
		sql: 'JSON',
		value: fc.jsonValue({ maxDepth: 2 }).map((value) => asText(JSON.stringify(value))),
		key: false,
	},
];

const named = fc
	.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
	.map((name) => name.replaceAll(/[\0\ud800-\udfff]|[\u{10000}-\u{10ffff}]/gu, '_').trimEnd())
	.filter(
		(name) =>
			name !== '' && name.length <= 40 && !name.includes('/') && name === name.normalize('NFC'),
	);

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;

const column = fc.constantFrom(...TYPES).chain((type) =>
	fc.record({
		type: fc.constant(type),
		values: fc.array(
			fc.oneof({ weight: 5, arbitrary: type.value }, { weight: 1, arbitrary: fc.constant('NULL') }),
			{ minLength: 12, maxLength: 12 },
		),
		key: fc.boolean(),
	}),
);

const table = fc.record({
	name: named,
	comment: text,
	columns: fc.array(fc.tuple(named, column), { minLength: 1, maxLength: 8 }),
	primary: fc.boolean(),
	rows: fc.nat(12),
});

function uniqueNames<T>(items: ReadonlyArray<readonly [string, T]>): Array<[string, T]> {
	return items.map(([name, item], index) => [`${name}${index}`, item]);
}

type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

/** For texts in definitions, which the client sends in its own character set. */
function textLiteral(value: string): string {
	const plain = value.replaceAll(/[^\x20-\x7e]/g, 'ü');
	return `'${plain.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A table and its rows; `parent` is the table that it refers to. */
function tableStatements(id: string, given: Table, parent: string | undefined): readonly string[] {
	const { comment, columns, primary, rows } = given;
	const own = uniqueNames(columns);
	const lines = own.map(([name, { type }]) => `${quoted(name)} ${type.sql}`);
	const keys = own
		.filter(([, { type, key }]) => key && type.key)
		.map(([name]) => `KEY (${quoted(name)})`);
	const head = primary ? ['`#id` INT AUTO_INCREMENT PRIMARY KEY'] : [];
	const link =
		parent === undefined
			? []
			: [
					'`#up` INT DEFAULT NULL',
					`CONSTRAINT ${quoted(`${id} up`)} FOREIGN KEY (\`#up\`) REFERENCES ${quoted(parent)} (\`#id\`)`,
				];
	const elements = [...head, ...lines, ...link.slice(0, 1), ...keys, ...link.slice(1)];
	const create = `CREATE TABLE ${quoted(id)} (${elements.join(', ')}) COMMENT ${textLiteral(comment)};`;
	const inserts = Array.from({ length: rows }, (_value, row) => {
		const values = own.map(([, { values: all }]) => all[row] ?? 'NULL');
		const list = [...(primary ? [String(row)] : []), ...values];
		// The row with the id 0 is always there when there are any.
		if (parent !== undefined) list.push(row % 2 === 0 ? '0' : 'NULL');
		return `INSERT INTO ${quoted(id)} VALUES (${list.join(', ')});`;
	});
	return [create, ...inserts];
}

const program = fc.record({
	name: named,
	text,
	kind: fc.constantFrom('VIEW', 'FUNCTION', 'PROCEDURE', 'TRIGGER', 'EVENT'),
});

type Program = typeof program extends fc.Arbitrary<infer T> ? T : never;

/** A view, routine, trigger or event that says a random text, about a table. */
function programStatement({ name, text: said, kind }: Program, number: number, on: string): string {
	const [id, literal] = [quoted(`${name} p${number}`), textLiteral(said)];
	switch (kind) {
		case 'VIEW':
			// Not t.*: MariaDB takes leading blanks from aliases, when the view is made again from its text.
			return `CREATE VIEW ${id} AS SELECT COUNT(*) AS n, ${literal} AS ${quoted(`said ${number}`)} FROM ${quoted(on)} t;`;
		case 'FUNCTION':
			return `CREATE FUNCTION ${id}(p VARCHAR(20)) RETURNS TEXT DETERMINISTIC COMMENT ${literal} RETURN CONCAT(p, ${literal});`;
		case 'PROCEDURE':
			return `CREATE PROCEDURE ${id}() SELECT ${literal};`;
		case 'TRIGGER':
			return `CREATE TRIGGER ${id} BEFORE INSERT ON ${quoted(on)} FOR EACH ROW SET @said = ${literal};`;
		case 'EVENT':
			return `CREATE EVENT ${id} ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' COMMENT ${literal} DO SET @said = ${literal};`;
	}
}

/** Tables with their rows, keys between them, and programs about them; every text of it is random. */
export const randomSchema: fc.Arbitrary<string> = fc
	.record({
		tables: fc.array(table, { minLength: 1, maxLength: 3 }),
		programs: fc.array(program, { maxLength: 3 }),
		linked: fc.boolean(),
	})
	.map(({ tables, programs, linked }) => {
		const ids = tables.map(({ name }, index) => `${name}${index}`);
		const statements = tables.flatMap((given, index) => {
			const above = tables[index - 1];
			const parent =
				linked && above?.primary === true && above.rows > 0 ? ids[index - 1] : undefined;
			return tableStatements(ids[index] ?? '', given, parent);
		});
		const more = programs.map((given, index) =>
			programStatement(given, index, ids[index % ids.length] ?? ''),
		);
		return [
			"SET NAMES utf8mb4, sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00';",
			...statements,
			...more,
		].join('\n');
	});
