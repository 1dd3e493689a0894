import { describe, expect, test } from 'vitest';

import { barLine, median } from './bar.ts';

describe('a bar', () => {
	test.each([
		[0.854321, 0.9, 'bar wall 0.8543 0.9 ok (×)'],
		[0.9, 0.9, 'bar wall 0.9 0.9 ok (×)'],
		[1234.56, 200, 'bar wall 1235 200 short (×)'],
		[NaN, 1, 'bar wall NaN 1 short (×)'],
	])('of %d against %d', (measured, limit, line) => {
		expect(barLine({ name: 'wall', measured, limit, unit: '×' })).toBe(line);
	});

	test.each([
		[[3, 1, 2], 2],
		[[4, 1, 2, 3], 2.5],
		[[7], 7],
		[[], NaN],
	])('takes the middle of %j', (values, middle) => {
		expect(median(values)).toBe(middle);
	});
});
