import fc from 'fast-check';

import { expect, test } from 'vitest';

import { Needs } from '../../lib/entity/import/needs.ts';
import { importOrder } from '../../lib/entity/import/order.ts';

/** Even numbers as definitions, so that lists are shared. */
function needsOf(lists: readonly (readonly number[])[]): Needs {
	const needs = new Needs();
	for (const list of lists) {
		const isDefinition = (target: number): boolean => target % 2 === 0;
		const others = list.filter((target) => !isDefinition(target));
		needs.add(new Set(list.filter(isDefinition)), new Set(others));
	}
	return needs;
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
			const order = [...entities.values()];
			const placeOf = new Map(order.map((entity, place) => [entity, place]));
			expect([...order].sort((a, b) => a - b)).toEqual(lists.map((_list, index) => index));
			lists.forEach((list, index) => {
				for (const other of list) {
					const isCircle = reached(lists, other).has(index) || other === index;
					expect(componentOf.get(other) === componentOf.get(index)).toBe(isCircle);
					if (!isCircle) expect(placeOf.get(other)).toBeLessThan(placeOf.get(index) ?? -1);
				}
			});
			// Members of one component stand together.
			const runs = order.filter(
				(entity, at) => at === 0 || componentOf.get(entity) !== componentOf.get(order[at - 1] ?? 0),
			);
			expect(runs).toHaveLength(new Set(componentOf.values()).size);
		}),
	);
});

test('a chain of a million entities needs no deep stack', () => {
	const count = 1_000_000;
	const needs = new Needs();
	const none = new Set<number>();
	for (let index = 0; index < count; index++) {
		needs.add(none, index === count - 1 ? none : new Set([index + 1]));
	}
	const { entities } = importOrder(needs);
	expect([entities.get(0), entities.get(count - 1)]).toEqual([count - 1, 0]);
});
