import { describe, expect, it } from 'vitest';

import { parseQuery } from './query-parser.ts';
import { QuerySyntaxError } from './query-tokens.ts';

const plain = (text: string): unknown => ({ text, matches: null });

describe('queries', () => {
	it.each([
		['FIND RECORD Sample', 'FIND', 'RECORD', 'Sample'],
		['count records "two words"', 'COUNT', 'RECORD', 'two words'],
		['FIND PROPERTIES weight', 'FIND', 'PROPERTY', 'weight'],
		['FIND ENTITY 1234', 'FIND', 'ENTITY', '1234'],
		['FIND Sample', 'FIND', null, 'Sample'],
		["FIND FILE 'it\\'s'", 'FIND', 'FILE', "it's"],
	])('%s', (text, kind, role, target) => {
		expect(parseQuery(text)).toMatchObject({ kind, role, target: plain(target), filter: null });
	});

	it('know wildcards and regular expressions, and take escaped stars for stars', () => {
		const pattern = (text: string): RegExp | null => parseQuery(text).target?.matches ?? null;
		expect(pattern('FIND RECORD "S1*"')?.test('s12')).toBe(true);
		expect(pattern('FIND RECORD "S.*"')?.test('Sx')).toBe(false);
		expect(pattern('FIND RECORD <<S[0-9]+>>')?.test('S12')).toBe(true);
		expect(parseQuery('FIND RECORD "S1\\*"').target).toEqual(plain('S1*'));
		expect(pattern('FIND RECORD "a\\*b*"')?.test('a*bc')).toBe(true);
	});

	it.each([
		['WITH ID=1 OR ID=2', 'or'],
		['WHICH HAS a=1 AND b=2', 'and'],
		['WHICH HAS NOT a=1', 'not'],
		['WHICH DOES NOT REFERENCE 12', 'not'],
		['WITH a', 'compare'],
		["WITH name LIKE 'x*'", 'compare'],
		['WITH date IN 2019', 'compare'],
		['. STORED AT "/a/b"', 'stored'],
		["WHICH IS STORED AT '/a/**'", 'stored'],
		['WHICH REFERENCES Sample', 'references'],
		['WITH probe -> 12', 'references'],
		['WHICH IS REFERENCED BY 12 AS probe', 'referenced'],
		['WHICH WAS INSERTED BY ME', 'transaction'],
		['WHICH WAS UPDATED SINCE 2024-05-01 BY anna', 'transaction'],
	])('have the filter %s', (filter, kind) => {
		expect(parseQuery(`FIND ENTITY ${filter}`).filter?.kind).toBe(kind);
	});

	it('bind AND closer than OR, and brackets closest', () => {
		const { filter } = parseQuery('FIND ENTITY WITH (a=1 OR b=2) AND c=3 OR d=4');
		expect(filter).toMatchObject({
			kind: 'or',
			terms: [{ kind: 'and', terms: [{ kind: 'or' }, { kind: 'compare' }] }, { kind: 'compare' }],
		});
	});

	it('have columns', () => {
		expect(parseQuery('SELECT name, Sample.weight FROM RECORD Measurement')).toMatchObject({
			...{ kind: 'SELECT', selectors: ['name', 'Sample.weight'], role: 'RECORD' },
		});
	});

	it('reach old versions', () => {
		expect(parseQuery('FIND ANY VERSION OF ENTITY Sample')).toMatchObject({ anyVersion: true });
	});

	it.each([
		...[
			'',
			'FIND',
			'SELECT a',
			'GET RECORD',
			'FIND ENTITY WITH ',
			'FIND ENTITY WITH a=',
			'FIND ENTITY a b',
		],
		...['FIND RECORD WITH (a=1', 'FIND RECORD WITH a=1)', 'FIND RECORD "open', 'FIND RECORD <<[>>'],
	])('are refused when they are none: %s', (text) => {
		expect(() => parseQuery(text)).toThrow(QuerySyntaxError);
	});
});
