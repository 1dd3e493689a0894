import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
	DUMP_CONTENT_DEFAULTS,
	definerAccount,
	resolveDumpContent,
} from '../../lib/sql/dump-content.ts';

describe('the content of a dump', () => {
	it('is the whole database without any option', () => {
		expect(resolveDumpContent()).toEqual(DUMP_CONTENT_DEFAULTS);
		expect(resolveDumpContent({ skipTables: ['stats'] })).toEqual({
			...DUMP_CONTENT_DEFAULTS,
			skipTables: ['stats'],
		});
	});

	it.each([
		['no connection', { connections: 0 }],
		['half a connection', { connections: 1.5 }],
		['too many connections', { connections: 9 }],
		['a statement too small', { statementBytes: 16_383 }],
		['a statement too large', { statementBytes: 67_108_865 }],
		['no number', { statementBytes: Number.NaN }],
		['an empty name', { skipTables: ['a', ''] }],
		['a table both included and skipped', { includeTables: ['a', 'b'], skipTables: ['b'] }],
		['an empty account', { definers: { mode: 'replace', account: ' ' } as const }],
		['an account without a user', { definers: { mode: 'replace', account: '@%' } as const }],
		['a line break', { definers: { mode: 'replace', account: 'a\nb@%' } as const }],
	])('refuses %s', (_what, options) => {
		expect(() => resolveDumpContent(options)).toThrow(
			expect.objectContaining({ code: 'invalid_option' }),
		);
	});

	it('reads an account as people write it', () => {
		expect(definerAccount('linkahead')).toEqual({ user: 'linkahead', host: '%' });
		expect(definerAccount('a@b@10.0.0.%')).toEqual({ user: 'a@b', host: '10.0.0.%' });
		expect(definerAccount("'o''brien'@'localhost'")).toEqual({
			user: "o'brien",
			host: 'localhost',
		});
		expect(definerAccount('`x`@`%`')).toEqual({ user: 'x', host: '%' });
	});

	it('accepts every size within the limits', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 8 }),
				fc.integer({ min: 16_384, max: 67_108_864 }),
				(connections, statementBytes) => {
					const content = resolveDumpContent({ connections, statementBytes });
					expect(content.connections).toBe(connections);
					expect(content.statementBytes).toBe(statementBytes);
				},
			),
		);
	});
});
