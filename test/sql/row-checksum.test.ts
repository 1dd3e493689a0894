import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RowChecksum, addChecksums } from '../../lib/sql/index.ts';

function sum(...rows: readonly Uint8Array[]): string {
	const checksum = new RowChecksum();
	for (const row of rows) checksum.row(row, 0, row.length);
	return checksum.hex();
}

const anyRow = fc.uint8Array({ minLength: 1, maxLength: 40 });
const anyRows = fc.array(anyRow, { maxLength: 20 });

describe('the checksum of a table', () => {
	test('is part of the format: these values never change', () => {
		const row = Buffer.from('\x011\x05hello\xfb', 'latin1');
		expect(sum()).toBe('0000000000000000');
		expect(sum(row)).toBe('e968211458b64b2e');
		expect(sum(row, row, Buffer.from([0xfb]))).toBe('d86432b0c840a103');
	});

	test('does not depend on the order, nor on how the rows are parted', () => {
		fc.assert(
			fc.property(anyRows, fc.nat(20), (rows, cut) => {
				const [a, b] = [new RowChecksum(), new RowChecksum()];
				rows.forEach((row, index) => (index < cut ? a : b).row(row, 0, row.length));
				const texts = [a.hex(), b.hex()] as const;
				a.add(b);
				expect(a.result()).toEqual({ rows: rows.length, checksum: sum(...rows.toReversed()) });
				expect(addChecksums(...texts)).toBe(a.hex());
			}),
		);
	});

	test('is the same for a row that comes in pieces, cut anywhere', () => {
		fc.assert(
			fc.property(anyRow, fc.array(fc.nat(40)), (row, cuts) => {
				const checksum = new RowChecksum();
				const borders = [0, ...cuts.filter((cut) => cut < row.length).sort((a, b) => a - b)];
				borders.forEach((start, index) =>
					checksum.piece(row, start, borders[index + 1] ?? row.length),
				);
				checksum.endRow();
				expect(checksum.hex()).toBe(sum(row));
			}),
		);
	});

	test('changes with any bit of any row, with a row more and with a row twice', () => {
		fc.assert(
			fc.property(fc.array(anyRow, { minLength: 1, maxLength: 8 }), fc.nat(), (rows, at) => {
				const before = sum(...rows);
				const [first = new Uint8Array(1), ...others] = rows;
				const changed = Uint8Array.from(first);
				const byte = at % changed.length;
				changed[byte] = (changed[byte] ?? 0) ^ (1 << (at % 8));
				expect(sum(changed, ...others)).not.toBe(before);
				expect(sum(...rows, first)).not.toBe(before);
				expect(sum(...others)).not.toBe(before);
				expect(sum(Buffer.concat([first, Buffer.from([0])]), ...others)).not.toBe(before);
			}),
		);
	});

	test('has no two equal ones among a million rows that differ little', () => {
		const seen = new Set<string>();
		const row = Buffer.alloc(8);
		for (let number = 0; number < 1_000_000; number += 1) {
			row.writeUInt32LE(number, 2);
			seen.add(sum(row));
		}
		expect(seen.size).toBe(1_000_000);
	});
});
