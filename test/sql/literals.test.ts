import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { quoteIdentifier, quoteText } from '../../lib/sql/identifiers.ts';
import {
	type LiteralWriter,
	writeAsciiOrHex,
	writeDouble,
	writeHex,
	writeText,
} from '../../lib/sql/literals.ts';
import { SqlText } from '../../lib/sql/sql-text.ts';
import { StatementLexer } from '../../lib/sql/statement-lexer.ts';

function literal(write: LiteralWriter, value: Uint8Array): string {
	const out = new SqlText();
	const bytes = Buffer.concat([Buffer.from('before'), value, Buffer.from('after')]);
	write(out, bytes, 6, 6 + value.length);
	return out.bytes.toString('latin1', 0, out.length);
}

/** What the server makes of '…' without NO_BACKSLASH_ESCAPES. */
function unescape(quoted: string): string {
	const special: Record<string, string> = { '0': '\0', n: '\n', r: '\r', Z: '\x1a' };
	return quoted
		.slice(1, -1)
		.replaceAll(/\\(.)/gs, (_all, letter: string) => special[letter] ?? letter);
}

describe('text', () => {
	test('is quoted so that it comes back, and neither line breaks nor NUL stay raw', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (value) => {
				const quoted = literal(writeText, value);
				expect(unescape(quoted)).toBe(Buffer.from(value).toString('latin1'));
				// eslint-disable-next-line no-control-regex
				expect(quoted).not.toMatch(/[\r\n\0\x1a]/);
				const lexer = new StatementLexer();
				const statements = [...lexer.push(Buffer.from(`${quoted};`, 'latin1')), ...lexer.end()];
				expect(statements.map(({ bytes }) => bytes.toString('latin1'))).toEqual([quoted]);
			}),
		);
	});
});

describe('bytes', () => {
	test('are hex that comes back', () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (value) => {
				const hex = literal(writeHex, value);
				expect(hex.startsWith('0x')).toBe(true);
				expect(Buffer.from(hex.slice(2), 'hex')).toEqual(Buffer.from(value));
			}),
		);
		expect(literal(writeHex, Buffer.alloc(0))).toBe("''");
	});

	test.each([
		['plain ~', "'plain ~'"],
		["it's", "'it\\'s'"],
		['', "''"],
		['a\x7f', '0x617F'],
		['tab\t', '0x74616209'],
		['\xe9', '0xE9'],
	])('%j are %s', (value, expected) => {
		expect(literal(writeAsciiOrHex, Buffer.from(value, 'latin1'))).toBe(expected);
	});
});

describe('doubles', () => {
	test.each([
		['1.5', '1.5'],
		['-0', '-0e0'],
		['-0.00', '-0.00e0'],
		['0', '0'],
		['-1', '-1'],
		['1e22', '1e22'],
		['-1.5e-300', '-1.5e-300'],
		['9'.repeat(70), `${'9'.repeat(70)}e0`],
	])('%s is written as %s', (printed, expected) => {
		expect(literal(writeDouble, Buffer.from(printed))).toBe(expected);
	});
});

describe('names', () => {
	test.each([
		['a', '`a`'],
		['a`b', '`a``b`'],
		['``', '``````'],
		["it's;--", "`it's;--`"],
	])('%s is %s', (name, expected) => {
		expect(quoteIdentifier(name)).toBe(expected);
	});

	test('texts in our own statements', () => {
		expect(quoteText("a'b\\c\0")).toBe("'a''b\\\\c\\0'");
	});
});
