import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { IdInventory } from '../../lib/entity/changes/id-inventory.ts';

const id = fc.oneof(
	fc.nat({ max: 3000 }).map(String),
	fc.nat().map(String),
	fc.uuid(),
	fc.constantFrom('007', '0', '-3', '', '12345678901234567890', 'ö', '1e3'),
	fc.string(),
);

describe('a set of ids', () => {
	test('is the same after it was text', () => {
		fc.assert(
			fc.property(fc.array(id), fc.array(id), (ids, others) => {
				const set = IdInventory.fromText(IdInventory.of(ids).toText());
				expect([...set].sort()).toEqual([...new Set(ids)].sort());
				expect(set.size).toBe(new Set(ids).size);
				for (const one of [...ids, ...others]) expect(set.has(one)).toBe(ids.includes(one));
				const missing = [...set.without(IdInventory.of(others))].sort();
				expect(missing).toEqual([...new Set(ids)].filter((one) => !others.includes(one)).sort());
			}),
		);
	});

	test('takes a few bytes for ids in a row, and two for each that stands alone', () => {
		const inARow = Array.from({ length: 200_000 }, (_one, index) => String(100 + index));
		expect(IdInventory.of(inARow).toText().length).toBeLessThan(30);
		const scattered = inARow.filter((one) => (Number(one) * 7919) % 10 < 3);
		expect(IdInventory.of(scattered).toText().length / scattered.length).toBeLessThan(2);
	});

	test.each(['no base64 of deflated bytes', ''])('refuses the text "%s"', (text) => {
		expect(() => IdInventory.fromText(text)).toThrow('The list of known ids is damaged');
	});

	test('refuses a text of which something was lost', () => {
		const whole = IdInventory.of(['100', '105', 'abcdef', 'abcxyz']).toText();
		for (let length = 0; length < whole.length - 4; length += 4) {
			expect(() => IdInventory.fromText(whole.slice(0, length))).toThrow('damaged');
		}
	});
});
