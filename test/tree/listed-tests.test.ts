import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

const DOCUMENT = join(import.meta.dirname, '../../docs/tree.md');
const ROW = /^\| ([^|]+?) +\| `([a-z-]+)` +\| (.+?) +\|$/gm;

it('docs/tree.md names tests that there are', () => {
	const text = readFileSync(DOCUMENT, 'utf8');
	const rows = [...text.slice(text.indexOf('\n## Tested\n')).matchAll(ROW)];
	expect(rows.length).toBeGreaterThan(30);
	const missing = rows.filter(([, , file = '', name = '']) => {
		const source = readFileSync(join(import.meta.dirname, `${file}.test.ts`), 'utf8');
		return !source.includes(`'${name}`);
	});
	expect(missing.map(([, what, file]) => `${what}: ${file}`)).toEqual([]);
});
