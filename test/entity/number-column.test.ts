import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

import { ColumnStore } from '../../lib/entity/import/column-store.ts';
import { integers, offsets, smallNumbers } from '../../lib/entity/import/number-column.ts';

function storeOf(places: number): { store: ColumnStore; path: string } {
	const folder = mkdtempSync(join(tmpdir(), 'caosdb-columns-'));
	const path = join(folder, 'columns');
	const store = new ColumnStore(path, '/work', places);
	onTestFinished(() => {
		store.close();
		rmSync(folder, { recursive: true });
	});
	return { store, path };
}

test('columns say what was put, wherever their segments are', () => {
	const index = fc.oneof(fc.nat(9000), fc.integer());
	const step = fc.record({ column: fc.nat(2), index, value: fc.nat(255), isClear: fc.nat(50) });
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
			const { store } = storeOf(3);
			const columns = [integers(-1, store), offsets(store), smallNumbers(store)] as const;
			const nothing = [-1, 0, 0];
			const known = columns.map(() => new Map<number, number>());
			for (const { column: at, index: place, value, isClear } of steps) {
				if (isClear === 0) {
					columns[at]?.clear();
					known[at]?.clear();
				}
				columns[at]?.set(place, value);
				known[at]?.set(place, value);
			}
			columns.forEach((column, at) => {
				const none = nothing[at] ?? 0;
				for (const [place, value] of known[at] ?? []) expect(column.get(place)).toBe(value);
				for (const { index: place } of steps) {
					expect(column.get(place + 1)).toBe(known[at]?.get(place + 1) ?? none);
				}
				const put = [...(known[at] ?? [])].filter(([, value]) => value !== none);
				expect(new Map(column.entries())).toEqual(new Map(put));
			});
		}),
		{ numRuns: 60 },
	);
});

test('a million numbers in a store are in their order, most of them on disk', () => {
	const { store, path } = storeOf(8);
	const [one, two] = [integers(0, store), offsets(store)];
	for (let at = 0; at < 1_000_000; at++) {
		one.push(at ^ 0x5555);
		two.push(at * 1e6);
	}
	expect([...one.values()].every((value, at) => value === (at ^ 0x5555))).toBe(true);
	for (let far = 999_999; far >= 0; far -= 997) expect(two.get(far)).toBe(far * 1e6);
	expect(statSync(path).size).toBeGreaterThan(10_000_000);
	expect(readdirSync(join(path, '..'))).toEqual(['columns']);
});
