import type { Connection, Query } from 'mysql2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RowWire } from '../../lib/sql/row-wire.ts';

const EOF_CONTENT = Buffer.from([0xfe, 0, 0, 2, 0]);

function packets(content: Buffer, sequence: number): Buffer[] {
	const parts: Buffer[] = [];
	for (let at = 0; ; at += 0xff_ffff) {
		const part = content.subarray(at, at + 0xff_ffff);
		const header = Buffer.alloc(4);
		header.writeUIntLE(part.length, 0, 3);
		header[3] = (sequence + parts.length / 2) & 0xff;
		parts.push(header, part);
		if (part.length < 0xff_ffff) return parts;
	}
}

/** What the driver would be: it gets packets, and expects rows after the first two. */
class RecordingDriver {
	sequenceId = 0;
	readonly seen: Buffer[] = [];
	readonly stream = { pause: () => undefined, resume: () => undefined };
	packetParser = { execute: (chunk: Buffer) => this.#take(chunk) };
	readonly query = { row: () => undefined, next: undefined as unknown };
	#bytes = 0;

	readonly #headBytes: number;

	constructor(headBytes: number) {
		this.#headBytes = headBytes;
	}

	#take(chunk: Buffer): void {
		this.seen.push(chunk);
		this.#bytes += chunk.length;
		if (this.#bytes === this.#headBytes) this.query.next = this.query.row;
	}
}

function run(head: Buffer, rows: readonly Buffer[], cuts: readonly number[]) {
	const end = Buffer.concat(packets(EOF_CONTENT, 77));
	const all = Buffer.concat([head, ...rows.flatMap((row) => packets(row, 3)), end]);
	const driver = new RecordingDriver(head.length);
	const wire = new RowWire(driver as unknown as Connection);
	const received: Buffer[] = [];
	let pieces: Buffer[] = [];
	wire.tap(driver.query as unknown as Query, {
		row: (source, from, to) => received.push(Buffer.from(source.subarray(from, to))),
		piece: (source, from, to) => pieces.push(Buffer.from(source.subarray(from, to))),
		endRow: () => {
			received.push(Buffer.concat(pieces));
			pieces = [];
		},
	});
	const borders = [...new Set([0, ...cuts.map((cut) => cut % all.length), all.length])].sort(
		(a, b) => a - b,
	);
	borders.slice(1).forEach((to, index) => wire.take(Buffer.from(all.subarray(borders[index], to))));
	return { received, passed: Buffer.concat(driver.seen), end, sequenceId: driver.sequenceId };
}

describe('row packets', () => {
	const head = Buffer.concat([...packets(Buffer.from('column'), 1), ...packets(EOF_CONTENT, 2)]);

	test('are cut out whole, wherever the network cuts; all else goes to the driver', () => {
		fc.assert(
			fc.property(
				fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 12 }),
				fc.array(fc.nat(1000), { maxLength: 30 }),
				(rows, cuts) => {
					// A row begins with a length or with NULL.
					const sent = rows.map((row) => Buffer.concat([Buffer.from([0xfb]), row]));
					const { received, passed, end, sequenceId } = run(head, sent, cuts);
					expect(received).toEqual(sent);
					expect(passed).toEqual(Buffer.concat([head, end]));
					expect(sequenceId).toBe(77);
				},
			),
		);
	});

	test.each([1_048_575, 1_048_576, 1_048_577, 0xff_fffe, 0xff_ffff, 0x100_0000, 0x1ff_fffe])(
		'of %d bytes come back in any pieces',
		(bytes) => {
			const row = Buffer.alloc(bytes, 'abc');
			const rows = [row, Buffer.from([0xfb]), row];
			const cuts = Array.from({ length: 700 }, (_value, index) => index * 65_537 + 3);
			const { received, passed, end } = run(head, rows, cuts);
			expect(received.length).toBe(3);
			received.forEach((found, index) => expect(found.equals(rows[index] ?? row)).toBe(true));
			expect(passed).toEqual(Buffer.concat([head, end]));
		},
	);
});
