import type { Needs } from './needs.ts';
import { integers } from './number-column.ts';

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

/**
 * Orders by level, then by the place of the component's first entity, so that neighbours need each other
 * as little as possible and large batches can be in flight together.
 */
export function importOrder(needs: Needs): ImportOrder {
	const search = new Search(needs);
	search.run();
	const { componentOf, levels } = search;
	const firsts = new Int32Array(levels.length).fill(-1);
	for (let entity = 0; entity < needs.count; entity++) {
		const component = componentOf[entity] ?? 0;
		if (firsts[component] === -1) firsts[component] = entity;
	}
	const rank = (entity: number): [number, number] => {
		const component = componentOf[entity] ?? 0;
		return [levels.get(component), firsts[component] ?? 0];
	};
	const entities = Int32Array.from({ length: needs.count }, (_none, index) => index);
	entities.sort((a, b) => {
		const [levelA, firstA] = rank(a);
		const [levelB, firstB] = rank(b);
		return levelA - levelB || firstA - firstB || a - b;
	});
	return { entities, componentOf };
}
