import type { Needs } from './needs.ts';
import { type NumberColumn, integers } from './number-column.ts';

/*
 * The order in which entities can be inserted: whatever one needs comes before it, or, when both need each
 * other, in the same request. Tarjan's algorithm over arrays, without recursion: chains may be long.
 */

export interface ImportOrder {
	/** All entities; those of one component stand together. */
	readonly entities: Int32Array;
	/** The component of each entity. */
	readonly componentOf: Int32Array;
}

const NEW = -1;

class Search {
	readonly componentOf: Int32Array;
	/** Of each component: 0 when it needs nothing, else one more than the highest that it needs. */
	readonly levels = integers();
	readonly #needs: Needs;
	readonly #found: Int32Array;
	readonly #lowest: Int32Array;
	readonly #next: Int32Array;
	/** Entities whose component is not known yet. */
	readonly #open: Int32Array;
	#openCount = 0;
	#time = 0;

	constructor(needs: Needs) {
		this.#needs = needs;
		const { count } = needs;
		this.componentOf = new Int32Array(count).fill(NEW);
		this.#found = new Int32Array(count).fill(NEW);
		this.#lowest = new Int32Array(count);
		this.#next = new Int32Array(count);
		this.#open = new Int32Array(count);
	}

	run(): void {
		const path = new Int32Array(this.#needs.count + 1);
		for (let root = 0; root < this.#needs.count; root++) {
			if (this.#found[root] !== NEW) continue;
			let depth = 0;
			path[0] = root;
			this.#enter(root);
			while (depth >= 0) {
				const entity = path[depth] ?? 0;
				const needed = this.#step(entity);
				if (needed === undefined) {
					this.#leave(entity);
					depth--;
					const above = path[depth];
					if (depth >= 0 && above !== undefined) this.#lower(above, this.#lowest[entity] ?? 0);
				} else if (this.#found[needed] === NEW) {
					path[++depth] = needed;
					this.#enter(needed);
				} else if (this.componentOf[needed] === NEW) {
					this.#lower(entity, this.#found[needed] ?? 0);
				}
			}
		}
	}

	#enter(entity: number): void {
		this.#found[entity] = this.#time;
		this.#lowest[entity] = this.#time++;
		this.#open[this.#openCount++] = entity;
	}

	#step(entity: number): number | undefined {
		const place = this.#next[entity] ?? 0;
		this.#next[entity] = place + 1;
		return this.#needs.at(entity, place);
	}

	#lower(entity: number, to: number): void {
		if (to < (this.#lowest[entity] ?? 0)) this.#lowest[entity] = to;
	}

	/** All that `entity` needs is known: it may be the first of a component that ends here. */
	#leave(entity: number): void {
		if (this.#lowest[entity] !== this.#found[entity]) return;
		const component = this.levels.length;
		const first = this.#open.lastIndexOf(entity, this.#openCount - 1);
		const members = this.#open.subarray(first, this.#openCount);
		for (const member of members) this.componentOf[member] = component;
		let level = 0;
		for (const member of members) level = Math.max(level, this.#levelOver(member, component));
		this.levels.push(level);
		this.#openCount = first;
	}

	#levelOver(member: number, component: number): number {
		let level = 0;
		for (let place = 0; ; place++) {
			const target = this.#needs.at(member, place);
			if (target === undefined) return level;
			const needed = this.componentOf[target] ?? component;
			if (needed !== component) level = Math.max(level, this.levels.get(needed) + 1);
		}
	}
}

/** Where each component begins in an order by level, then by the place of the component's first entity. */
function componentStarts(componentOf: Int32Array, levels: NumberColumn<Int32Array>): Int32Array {
	const sizes = new Int32Array(levels.length);
	const byFirst = new Int32Array(levels.length);
	let found = 0;
	for (const component of componentOf) {
		if (sizes[component] === 0) byFirst[found++] = component;
		sizes[component] = (sizes[component] ?? 0) + 1;
	}
	const levelStarts: number[] = [];
	for (const component of byFirst) {
		const above = levels.get(component) + 1;
		levelStarts[above] = (levelStarts[above] ?? 0) + (sizes[component] ?? 0);
	}
	for (let level = 0, sum = 0; level < levelStarts.length; level++) {
		levelStarts[level] = sum += levelStarts[level] ?? 0;
	}
	const starts = new Int32Array(levels.length);
	for (const component of byFirst) {
		const level = levels.get(component);
		starts[component] = levelStarts[level] ?? 0;
		levelStarts[level] = (levelStarts[level] ?? 0) + (sizes[component] ?? 0);
	}
	return starts;
}

/**
 * Orders by level, then by the place of the component's first entity, so that neighbours need each other
 * as little as possible and large batches can be in flight together.
 */
export function importOrder(needs: Needs): ImportOrder {
	const search = new Search(needs);
	search.run();
	const { componentOf, levels } = search;
	const next = componentStarts(componentOf, levels);
	const entities = new Int32Array(needs.count);
	componentOf.forEach((component, entity) => {
		const place = next[component] ?? 0;
		entities[place] = entity;
		next[component] = place + 1;
	});
	return { entities, componentOf };
}
