import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import { type Statement, StatementLexer } from '../../lib/sql/statement-lexer.ts';

interface Seen {
	readonly sql: string;
	readonly groups: number;
	readonly offset: number;
}

function lex(
	chunks: readonly Uint8Array[],
	lexer = new StatementLexer(),
): { statements: Seen[]; comment: string } {
	const statements: Seen[] = [];
	const add = ({ bytes, length, groups, offset }: Statement) => {
		expect(bytes.length).toBe(length);
		statements.push({ sql: bytes.toString('latin1'), groups, offset });
	};
	for (const chunk of chunks) {
		// A caller may use its buffer again.
		const lent = Buffer.from(chunk);
		for (const statement of lexer.push(lent)) add(statement);
		lent.fill(0x27);
	}
	for (const statement of lexer.end()) add(statement);
	return { statements, comment: lexer.lastComment };
}

const whole = (text: string) => lex([Buffer.from(text, 'latin1')]);
const byByte = (text: string) =>
	lex([...Buffer.from(text, 'latin1')].map((byte) => Uint8Array.of(byte)));
const sqlOf = (text: string) => whole(text).statements.map(({ sql }) => sql);

/** Text, and the statements that the standard clients make of it. */
const VECTORS: ReadonlyArray<readonly [string, string, readonly string[]]> = [
	['nothing', '', []],
	['blanks and empty statements', ' ;;\n ; \n', []],
	['two statements', 'a;b;', ['a', 'b']],
	['no delimiter at the end', 'a;\nb\n', ['a', 'b\n']],
	['semicolons in quotes', `'a;''b';"c;""d";\`e;\`\`f\`;`, [`'a;''b'`, `"c;""d"`, '`e;``f`']],
	['backslashes', `'\\';';'\\\\';"\\"";`, [`'\\';'`, `'\\\\'`, `"\\""`]],
	['a backslash is itself in backticks', '`\\`;b;', ['`\\`', 'b']],
	['comments between', '-- a;\n# b;\n/* c; */ d;', ['d']],
	['comments inside', "a -- b;'\n/* ; ' */ # \"\n c;", ["a -- b;'\n/* ; ' */ # \"\n c"]],
	['two dashes without a blank', '5--3;--\n4;', ['5--3', '4']],
	['a dash comment that ends the file', 'a;--', ['a']],
	[
		'executable comments',
		"/*!50003 CREATE 'x;' */;/*M!100 y */;",
		["/*!50003 CREATE 'x;' */", '/*M!100 y */'],
	],
	[
		'the sandbox line',
		'/*M!999999\\- enable the sandbox mode */ \nSET x;',
		['/*M!999999\\- enable the sandbox mode */ \nSET x'],
	],
	['delimiters', 'a;\nDELIMITER ;;\nb;c;;\r\nd ;;\ndelimiter ;\ne;', ['a', 'b;c', 'd ', 'e']],
	['delimiters with carriage returns', 'DELIMITER $$\r\na;b$$\r\nDELIMITER ;\r\nc;', ['a;b', 'c']],
	[
		'a long delimiter',
		'DELIMITER ----------------\nx ; ---------------- y ----------------\n',
		['x ; ', 'y '],
	],
	['a delimiter of slashes', 'DELIMITER //\na / b /* c // */ //', ['a / b /* c // */ ']],
	['a word that begins like DELIMITER', 'delimiters x;', ['delimiters x']],
	['a byte order mark', '\xef\xbb\xbfa;', ['a']],
	['raw bytes', "INSERT '\xee\x96\x00\xff;\\'';", ["INSERT '\xee\x96\x00\xff;\\''"]],
];

describe('the lexer splits', () => {
	test.each(VECTORS)('%s', (_name, text, expected) => {
		expect(sqlOf(text)).toEqual(expected);
	});

	test.each(VECTORS)('%s, byte by byte', (_name, text) => {
		expect(byByte(text)).toEqual(whole(text));
	});
});

/** Pieces that mean something to the lexer, in any order. */
const PIECES = [
	...[
		"'",
		'"',
		'`',
		'\\',
		';',
		';;',
		'--',
		'-- ',
		'#',
		'/*',
		'*/',
		'/*!',
		'/*M!50003 ',
		'\n',
		'\r\n',
	],
	...[
		'(',
		')',
		',',
		' ',
		'a',
		'DELIMITER ;;\n',
		'delimiter ;\n',
		'$$',
		'DELIMITER $$\n',
		'\xff',
		'\0',
	],
];
const script = fc
	.array(fc.constantFrom(...PIECES), { maxLength: 40 })
	.map((parts) => parts.join(''));

function tryLex(chunks: readonly Uint8Array[]): unknown {
	try {
		return lex(chunks);
	} catch (error) {
		return error instanceof EngineError ? error.code : error;
	}
}

describe('properties', () => {
	test('chunk borders change nothing', () => {
		fc.assert(
			fc.property(script, fc.array(fc.nat({ max: 30 }), { maxLength: 20 }), (text, sizes) => {
				const bytes = Buffer.from(text, 'latin1');
				const chunks: Uint8Array[] = [];
				let at = 0;
				for (const size of sizes) {
					chunks.push(bytes.subarray(at, at + size));
					at = Math.min(bytes.length, at + size);
				}
				chunks.push(bytes.subarray(at));
				const singles = [...bytes].map((byte) => Uint8Array.of(byte));
				const expected = tryLex([bytes]);
				expect(tryLex(chunks)).toEqual(expected);
				expect(tryLex(singles)).toEqual(expected);
			}),
			{ numRuns: 2_000 },
		);
	});

	test('any quoted values come through whole', () => {
		const value = fc.uint8Array({ maxLength: 30 }).map((bytes) => {
			const text = Buffer.from(bytes).toString('latin1');
			return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
		});
		const statement = fc.array(value, { minLength: 1, maxLength: 5 }).map((list) => list.join(','));
		fc.assert(
			fc.property(fc.array(statement, { maxLength: 5 }), (statements) => {
				const text = statements.map((sql) => `${sql};\n`).join('');
				expect(sqlOf(text)).toEqual(statements);
				expect(byByte(text)).toEqual(whole(text));
			}),
			{ numRuns: 500 },
		);
	});
});

describe('the lexer counts', () => {
	test('groups of the outermost level, wherever they stand', () => {
		const text = "INSERT INTO `(` (a,b) VALUES (1,'('),\n(f(2),(3)) /* ( */;SELECT (1);";
		expect(whole(text).statements.map(({ groups }) => groups)).toEqual([3, 1]);
	});

	test('offsets', () => {
		expect(whole('-- x\nab;\n  cd;').statements.map(({ offset }) => offset)).toEqual([5, 11]);
	});

	test('statements that it does not keep', () => {
		const lexer = new StatementLexer(4);
		const [statement] = [
			...lexer.push(Buffer.from(`SELECT '${'x'.repeat(10_000)}', (1);           `)),
		];
		expect(statement).toMatchObject({ length: 10_014, groups: 1 });
		expect(statement?.bytes.toString()).toBe('SELE');
	});
});

describe('the end', () => {
	test.each(["'a", '"a', '`a', "'a\\", '/* a', 'a (b'])('%s is cut', (text) => {
		expect(tryLex([Buffer.from(text)])).toBe('artifact_truncated');
	});

	test.each([
		['a;\n-- last\n', 'last'],
		['a;\n-- last', 'last'],
		['a;\n# last\n\n  ', 'last'],
		['-- x\na;\n', ''],
	])('%j ends with the comment %j', (text, comment) => {
		expect(whole(text).comment).toBe(comment);
		expect(byByte(text).comment).toBe(comment);
	});
});

test('a backslash means what the sql_mode says', () => {
	const lexer = new StatementLexer();
	lexer.noBackslashEscapes = true;
	expect(lex([Buffer.from("'a\\';b;")], lexer).statements.map(({ sql }) => sql)).toEqual([
		"'a\\'",
		'b',
	]);
	const ansi = new StatementLexer();
	ansi.ansiQuotes = true;
	expect(lex([Buffer.from(`"a\\";'\\';';`)], ansi).statements).toHaveLength(2);
});
