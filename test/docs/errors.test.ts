import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ERROR_CODES } from '../../lib/core/index.ts';

test('docs/errors.md explains every error code, and no other', () => {
	const text = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
	const explained = [...text.matchAll(/^\| `([a-z_]+)`/gm)].map(([, code]) => code);
	expect(explained.sort()).toEqual([...ERROR_CODES].sort());
});
