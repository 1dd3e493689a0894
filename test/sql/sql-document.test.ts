import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { DUMP_CONTENT_DEFAULTS } from '../../lib/sql/index.ts';
import { matrixTable } from './fidelity-matrix.ts';

/** Cells without the blanks that line a table up. */
function cells(table: string): string[][] {
	const lines = table.split('\n').filter((line) => line.startsWith('|') && !/^[| -]+$/.test(line));
	return lines.map((line) => line.split('|').map((cell) => cell.trim()));
}

describe('docs/sql.md', async () => {
	const text = await readFile(join(import.meta.dirname, '../../docs/sql.md'), 'utf8');

	test('prints the matrix that is tested', () => {
		const printed = /<!-- matrix -->(.*)<!-- \/matrix -->/s.exec(text)?.[1] ?? '';
		expect(cells(printed)).toEqual(cells(matrixTable()));
	});

	test('names every option with its default', () => {
		const options = cells(text.slice(text.indexOf('## Options')));
		const shown = new Map(
			options.flatMap(([, names = '', value = '']) =>
				[...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, value.replaceAll('`', '')]),
			),
		);
		const words = (value: unknown): string[] => {
			if (value === true) return ['on'];
			if (value === false) return ['off'];
			if (Array.isArray(value)) return ['all', 'none'];
			return [typeof value === 'number' ? String(value) : 'keep'];
		};
		for (const [name, value] of Object.entries(DUMP_CONTENT_DEFAULTS)) {
			expect(words(value), name).toContain(shown.get(name));
		}
		expect(DUMP_CONTENT_DEFAULTS.definers).toEqual({ mode: 'keep' });
		expect([...shown.keys()].sort()).toEqual(Object.keys(DUMP_CONTENT_DEFAULTS).sort());
	});
});
