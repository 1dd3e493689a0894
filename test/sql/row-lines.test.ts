import { describe, expect, test } from 'vitest';

import { insertHead, loadStatement } from '../../lib/sql/insert-head.ts';
import { insertParts } from '../../lib/sql/insert-parts.ts';
import {
	type LiteralWriter,
	writeAsciiOrHex,
	writeHex,
	writeText,
} from '../../lib/sql/literals.ts';
import { rowsAsLines } from '../../lib/sql/row-lines.ts';
import { SqlText } from '../../lib/sql/sql-text.ts';
import { StatementLexer } from '../../lib/sql/statement-lexer.ts';

const TRIALS = 300;
const LETTERS: Readonly<Record<string, number>> = {
	...{ '0': 0, b: 8, n: 10, r: 13, t: 9, Z: 26 },
};

/** What LOAD DATA makes of lines (MySQL's manual, FIELDS ESCAPED BY). */
function decode(lines: Buffer): ReadonlyArray<ReadonlyArray<Buffer | null>> {
	const rows: Array<Array<Buffer | null>> = [];
	let row: Array<Buffer | null> = [];
	let bytes: number[] = [];
	let isNull = false;
	const endValue = () => {
		row.push(isNull ? null : Buffer.from(bytes));
		[bytes, isNull] = [[], false];
	};
	for (let at = 0; at < lines.length; at += 1) {
		const byte = lines[at] ?? 0;
		if (byte === 0x09) endValue();
		else if (byte === 0x0a) {
			endValue();
			rows.push(row);
			row = [];
		} else if (byte === 0x5c) {
			const next = lines[(at += 1)] ?? 0;
			const letter = String.fromCharCode(next);
			if (letter === 'N' && bytes.length === 0) isNull = true;
			else bytes.push(LETTERS[letter] ?? next);
		} else bytes.push(byte);
	}
	return rows;
}

function insertOf(rows: ReadonlyArray<ReadonlyArray<string | Buffer>>): Buffer {
	const list = rows.map((row) => [
		Buffer.from('('),
		...row.flatMap((value, index) => [Buffer.from(index === 0 ? '' : ','), Buffer.from(value)]),
		Buffer.from(')'),
	]);
	const body = list.flatMap((row, index) => [Buffer.from(index === 0 ? '' : ',\n'), ...row]);
	return Buffer.concat([Buffer.from('INSERT INTO `t` (`a`,`b ``)`) VALUES\n'), ...body]);
}

function written(write: LiteralWriter, value: Buffer): Buffer {
	const text = new SqlText();
	write(text, value, 0, value.length);
	return text.take().bytes;
}

function convert(sql: Buffer) {
	const head = insertHead(sql);
	const lines = head === undefined ? undefined : rowsAsLines(sql, head.rowsAt);
	return lines === undefined ? undefined : decode(lines);
}

describe('rows as lines', () => {
	test('every byte value comes back, in text and in hex, alone and beside others', () => {
		for (let byte = 0; byte < 256; byte += 1) {
			const values = [[byte], [byte, byte], [0x5c, byte], [byte, 0x4e], [0x09, byte, 0x0a]];
			for (const value of values.map((bytes) => Buffer.from(bytes))) {
				const literals = [writeText, writeHex, writeAsciiOrHex].map((write) =>
					written(write, value),
				);
				expect(convert(insertOf([literals]))).toEqual([[value, value, value]]);
			}
		}
	});

	test('random rows come back', () => {
		for (let trial = 0; trial < TRIALS; trial += 1) {
			const cell = () => {
				const bytes = Array.from({ length: Math.floor(Math.random() * 12) }, () => {
					return Math.random() < 0.5
						? Math.floor(Math.random() * 256)
						: (0x5c27090a >> (8 * (trial & 3))) & 255;
				});
				return Math.random() < 0.2 ? null : Buffer.from(bytes);
			};
			const rows = Array.from({ length: 1 + (trial % 7) }, () => [cell(), cell(), cell()]);
			const literals = rows.map((row) =>
				row.map((value, index) =>
					value === null ? 'NULL' : written(index === 0 ? writeHex : writeText, value),
				),
			);
			expect(convert(insertOf(literals))).toEqual(rows);
		}
	});

	test('numbers, NULL and texts that look like them', () => {
		const rows = [['-0e0', '1.5e-300', 'NULL', "'NULL'", "'\\\\N'", "''", '18446744073709551615']];
		const seen = convert(insertOf(rows))?.[0]?.map((value) => value?.toString() ?? null);
		expect(seen).toEqual(['-0e0', '1.5e-300', null, 'NULL', '\\N', '', '18446744073709551615']);
	});

	test.each(["_binary 'x'", 'now()', 'b', '0xABC', "'open", '(1)', 'TRUE', ''])(
		'%s is left to INSERT',
		(value) => {
			expect(convert(insertOf([[value, '1']]))).toBeUndefined();
		},
	);

	test('anything behind the rows is left to INSERT', () => {
		const sql = Buffer.concat([
			insertOf([['1', '2']]),
			Buffer.from(' ON DUPLICATE KEY UPDATE a=1'),
		]);
		expect(convert(sql)).toBeUndefined();
	});

	test('the statement names the table and the columns as the INSERT does', () => {
		const head = insertHead(insertOf([['1', '2']]));
		expect(head?.names).toEqual(['a', 'b `)']);
		expect(head && loadStatement('t`t', head).toString()).toBe(
			"LOAD DATA LOCAL INFILE 'rows' INTO TABLE `t``t` CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (`a`,`b ``)`)",
		);
		expect(insertHead(Buffer.from('INSERT INTO t SELECT 1'))).toBeUndefined();
	});
});

describe('a large INSERT in parts', () => {
	const lexed = (text: string) => {
		const lexer = new StatementLexer();
		const bytes = Buffer.from(text);
		const statements = [];
		for (let at = 0; at < bytes.length; at += 70_001) {
			statements.push(...lexer.push(bytes.subarray(at, at + 70_001)));
		}
		const [statement] = [...statements, ...lexer.end()];
		if (statement === undefined) throw new Error('no statement');
		return statement;
	};
	const parts = (text: string) => {
		const { bytes, groupEnds } = lexed(text);
		return insertParts(bytes, insertHead(bytes) ?? { rowsAt: 0 }, groupEnds).map(String);
	};
	const row = (index: number) => `(${index},'),(${'x'.repeat(500)}\\'),(')`;
	const rows = Array.from({ length: 1000 }, (_value, index) => row(index));

	test.each([',', ',\n', ' , ', '\n,'])('cut at %j they hold the same rows', (between) => {
		const head = 'INSERT INTO `t` (`a`,`b`) VALUES ';
		const cut = parts(`${head}${rows.join(between)};`);
		expect(cut.length).toBeGreaterThan(5);
		expect(Math.max(...cut.map(({ length }) => length))).toBeLessThan(80_000);
		const back = cut.map((part) => part.slice(head.length).trim()).join(between);
		expect(back).toBe(rows.join(between));
	});

	test('without a list of columns, or of one row, too', () => {
		expect(parts(`INSERT INTO t VALUES ${rows.join(',')};`).length).toBeGreaterThan(5);
		expect(parts(`INSERT INTO t VALUES ${row(1)};`)).toEqual([`INSERT INTO t VALUES  ${row(1)}`]);
	});

	test('is left whole when more than rows is in it', () => {
		const sql = `INSERT INTO t VALUES ${rows.join(',')} ON DUPLICATE KEY UPDATE a=1`;
		expect(parts(`${sql};`)).toEqual([sql]);
	});
});
