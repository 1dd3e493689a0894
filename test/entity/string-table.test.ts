import fc from 'fast-check';

import { expect, test } from 'vitest';

import { StringTable } from '../../lib/entity/index.ts';

test('each text has one number, and each number its text', () => {
	const text = fc.string({ unit: 'grapheme' });
	fc.assert(
		fc.property(fc.array(text, { maxLength: 50 }), text, (texts, other) => {
			const table = new StringTable();
			const numbers = new Map(texts.map((one) => [one, table.add(one)]));
			expect(table.size).toBe(numbers.size);
			for (const [one, number] of numbers) {
				expect([table.add(one), table.find(one), table.text(number)]).toEqual([
					number,
					number,
					one,
				]);
			}
			expect(table.find(other)).toBe(numbers.get(other) ?? -1);
		}),
	);
});

test('it grows', () => {
	const table = new StringTable();
	for (let number = 0; number < 100_000; number++) expect(table.add(`id-${number}`)).toBe(number);
	for (let number = 0; number < 100_000; number += 997) {
		expect([table.find(`id-${number}`), table.text(number)]).toEqual([number, `id-${number}`]);
	}
	expect(table.find('id-100000')).toBe(-1);
});
