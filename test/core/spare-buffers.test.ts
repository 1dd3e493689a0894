import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SpareBuffers } from '../../lib/core/index.ts';

const UNIT = 16;

describe('spare buffers', () => {
	it('are never given to two at once, whoever gives back in whatever order', () => {
		const step = fc.record({ bytes: fc.nat({ max: 80 }), giveAt: fc.option(fc.nat()) });
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const spares = new SpareBuffers({ unitBytes: UNIT, units: 5, unitsAtOnce: 3 });
				const held: Array<{ readonly buffer: Buffer; readonly mark: number }> = [];
				steps.forEach(({ bytes, giveAt }, turn) => {
					const mark = turn % 256;
					const buffer = spares.take(bytes).fill(mark);
					expect(buffer.length).toBeGreaterThanOrEqual(bytes);
					held.push({ buffer, mark });
					if (giveAt !== null) {
						const [given] = held.splice(giveAt % held.length, 1);
						if (given !== undefined) spares.give(given.buffer);
					}
					for (const { buffer: other, mark: expected } of held) {
						expect(other.every((byte) => byte === expected)).toBe(true);
					}
				});
			}),
		);
	});

	it('are shared memory, used again, as long as there is some', () => {
		const spares = new SpareBuffers({ unitBytes: UNIT, units: 3, unitsAtOnce: 2 });
		const [one, two] = [spares.take(UNIT), spares.take(UNIT + 1)];
		expect(one.buffer).toBeInstanceOf(SharedArrayBuffer);
		expect(two.buffer).toBe(one.buffer);
		expect(spares.take(1).buffer, 'nothing is left').toBeInstanceOf(ArrayBuffer);
		spares.give(two);
		expect(spares.take(2 * UNIT).byteOffset).toBe(two.byteOffset);
		expect(spares.take(2 * UNIT + 1).buffer, 'too much').toBeInstanceOf(ArrayBuffer);
	});

	it('are other memory after their release, and what was taken stays as it is', () => {
		const spares = new SpareBuffers({ unitBytes: UNIT, units: 2 });
		const taken = spares.take(UNIT).fill(7);
		spares.release();
		spares.give(taken);
		spares.take(UNIT).fill(8);
		expect(taken.every((byte) => byte === 7)).toBe(true);
	});
});
