import fc from 'fast-check';

import { expect, test } from 'vitest';

import { type Needs, importOrder } from '../../lib/entity/import-order.ts';

function needsOf(lists: readonly (readonly number[])[]): Needs {
	const starts = new Int32Array(lists.length + 1);
	lists.forEach((list, index) => (starts[index + 1] = (starts[index] ?? 0) + list.length));
	return { count: lists.length, starts, targets: Int32Array.from(lists.flat()) };
}

/** All that can be reached, by brute force. */
function reached(lists: readonly (readonly number[])[], from: number): Set<number> {
	const seen = new Set<number>();
	const open = [...(lists[from] ?? [])];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		if (seen.has(next)) continue;
		seen.add(next);
		open.push(...(lists[next] ?? []));
	}
	return seen;
}

const graph = fc
	.integer({ min: 1, max: 12 })
	.chain((count) =>
		fc.array(fc.array(fc.nat(count - 1), { maxLength: 3 }), { minLength: count, maxLength: count }),
	);

test('what an entity needs comes before it, or is in its component', () => {
	fc.assert(
		fc.property(graph, (lists) => {
			const { entities, componentOf } = importOrder(needsOf(lists));
			const placeOf = new Map([...entities].map((entity, place) => [entity, place]));
			expect([...entities].sort((a, b) => a - b)).toEqual(lists.map((_list, index) => index));
			lists.forEach((list, index) => {
				for (const other of list) {
					const isCircle = reached(lists, other).has(index) || other === index;
					expect(componentOf[other] === componentOf[index]).toBe(isCircle);
					if (!isCircle) expect(placeOf.get(other)).toBeLessThan(placeOf.get(index) ?? -1);
				}
			});
			// Members of one component stand together.
			const runs = [...entities].filter(
				(entity, at) => at === 0 || componentOf[entity] !== componentOf[entities[at - 1] ?? 0],
			);
			expect(runs).toHaveLength(new Set(componentOf).size);
		}),
	);
});

test('a chain of a million entities needs no deep stack', () => {
	const count = 1_000_000;
	const starts = Int32Array.from({ length: count + 1 }, (_none, index) =>
		Math.min(index, count - 1),
	);
	const targets = Int32Array.from({ length: count - 1 }, (_none, index) => index + 1);
	const { entities } = importOrder({ count, starts, targets });
	expect([entities[0], entities[count - 1]]).toEqual([count - 1, 0]);
});
