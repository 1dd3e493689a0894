import fc from 'fast-check';
import { expect, test } from 'vitest';

import { IdNumbers, integers } from '../../lib/entity/index.ts';

const numeric = fc.oneof(fc.nat(5000), fc.nat(999_999_999));
const ids = fc.oneof(
	numeric.map(String),
	numeric.map((number) => `-${number}`),
	fc.constantFrom('007', '-0', '--1', '', '-', '1000000000', '12a', 'a', '1 ', '٣'),
	fc.uuid(),
);

test('each id has one number, by which columns are indexed', () => {
	fc.assert(
		fc.property(fc.array(ids, { maxLength: 300 }), fc.array(ids), (known, others) => {
			const numbers = new IdNumbers();
			const column = integers(-1);
			const texts = [...new Set(known)];
			for (const id of known) column.set(numbers.of(id), texts.indexOf(id));
			for (const [at, id] of texts.entries()) {
				const number = numbers.of(id);
				expect([number | 0, numbers.find(id), numbers.id(number)]).toEqual([number, number, id]);
				expect(column.get(number)).toBe(at);
			}
			for (const id of others) expect(column.get(numbers.find(id))).toBe(texts.indexOf(id));
			expect(new Map(column.entries()).size).toBe(texts.length);
		}),
	);
});

test('ids that are scattered to fill the memory take no more than others', () => {
	const numbers = new IdNumbers();
	const column = integers(-1);
	let made = 0;
	const before = process.memoryUsage().arrayBuffers;
	for (let id = 0; id < 900_000_000; id += 9_000) column.set(numbers.of(String(id)), made++);
	expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
	for (let id = 0; id < 900_000_000; id += 9_000_000) {
		expect(column.get(numbers.find(String(id)))).toBe(id / 9_000);
		// Its neighbourhood may be opened now, it stays where it was.
		numbers.of(String(id + 1));
		expect(column.get(numbers.of(String(id)))).toBe(id / 9_000);
	}
});
