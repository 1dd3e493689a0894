import type { ColumnStore } from './column-store.ts';
import type { Needs } from './needs.ts';
import { type NumberColumn, integers } from './number-column.ts';

/*
 * The order in which entities can be inserted: whatever one needs comes before it, or, when both need each
 * other, in the same request. Tarjan's algorithm over columns, without recursion: chains may be long.
 */

type Integers = NumberColumn<Int32Array>;

export interface ImportOrder {
	/** All entities; those of one component stand together. */
	readonly entities: Integers;
	/** The component of each entity. */
	readonly componentOf: Integers;
}

const NEW = -1;

class Search {
	readonly componentOf: Integers;
	/** Of each component: 0 when it needs nothing, else one more than the highest that it needs. */
	readonly levels: Integers;
	readonly #needs: Needs;
	readonly #found: Integers;
	readonly #lowest: Integers;
	readonly #next: Integers;
	/** Entities whose component is not known yet. */
	readonly #open: Integers;
	readonly #path: Integers;
	#openCount = 0;
	#time = 0;

	constructor(needs: Needs, store: ColumnStore | undefined) {
		this.#needs = needs;
		this.componentOf = integers(NEW, store);
		this.levels = integers(0, store);
		this.#found = integers(NEW, store);
		this.#lowest = integers(0, store);
		this.#next = integers(0, store);
		this.#open = integers(0, store);
		this.#path = integers(0, store);
	}

	run(): void {
		const path = this.#path;
		for (let root = 0; root < this.#needs.count; root++) {
			if (this.#found.get(root) !== NEW) continue;
			let depth = 0;
			path.set(0, root);
			this.#enter(root);
			while (depth >= 0) {
				const entity = path.get(depth);
				const needed = this.#step(entity);
				if (needed === undefined) {
					this.#leave(entity);
					depth--;
					if (depth >= 0) this.#lower(path.get(depth), this.#lowest.get(entity));
				} else if (this.#found.get(needed) === NEW) {
					path.set(++depth, needed);
					this.#enter(needed);
				} else if (this.componentOf.get(needed) === NEW) {
					this.#lower(entity, this.#found.get(needed));
				}
			}
		}
	}

	/** Lets go all but the components. */
	clear(): void {
		const passing = [this.#found, this.#lowest, this.#next, this.#open, this.#path, this.levels];
		for (const column of passing) column.clear();
	}

	#enter(entity: number): void {
		this.#found.set(entity, this.#time);
		this.#lowest.set(entity, this.#time++);
		this.#open.set(this.#openCount++, entity);
	}

	#step(entity: number): number | undefined {
		const place = this.#next.get(entity);
		this.#next.set(entity, place + 1);
		return this.#needs.at(entity, place);
	}

	#lower(entity: number, to: number): void {
		if (to < this.#lowest.get(entity)) this.#lowest.set(entity, to);
	}

	/** All that `entity` needs is known: it may be the first of a component that ends here. */
	#leave(entity: number): void {
		if (this.#lowest.get(entity) !== this.#found.get(entity)) return;
		const component = this.levels.length;
		let first = this.#openCount - 1;
		while (this.#open.get(first) !== entity) first--;
		for (let at = first; at < this.#openCount; at++) {
			this.componentOf.set(this.#open.get(at), component);
		}
		let level = 0;
		for (let at = first; at < this.#openCount; at++) {
			level = Math.max(level, this.#levelOver(this.#open.get(at), component));
		}
		this.levels.push(level);
		this.#openCount = first;
	}

	#levelOver(member: number, component: number): number {
		let level = 0;
		for (let place = 0; ; place++) {
			const target = this.#needs.at(member, place);
			if (target === undefined) return level;
			const needed = this.componentOf.get(target);
			if (needed !== component) level = Math.max(level, this.levels.get(needed) + 1);
		}
	}
}

/** Where each component begins in an order by level, then by the place of the component's first entity. */
function componentStarts(
	{ componentOf, levels }: Search,
	store: ColumnStore | undefined,
): Integers {
	const sizes = integers(0, store);
	const byFirst = integers(0, store);
	for (const component of componentOf.values()) {
		if (sizes.get(component) === 0) byFirst.push(component);
		sizes.set(component, sizes.get(component) + 1);
	}
	const levelStarts = integers(0, store);
	for (const component of byFirst.values()) {
		const above = levels.get(component) + 1;
		levelStarts.set(above, levelStarts.get(above) + sizes.get(component));
	}
	for (let level = 0, sum = 0; level < levelStarts.length; level++) {
		levelStarts.set(level, (sum += levelStarts.get(level)));
	}
	const starts = integers(0, store);
	for (const component of byFirst.values()) {
		const level = levels.get(component);
		starts.set(component, levelStarts.get(level));
		levelStarts.set(level, levelStarts.get(level) + sizes.get(component));
	}
	for (const column of [sizes, byFirst, levelStarts]) column.clear();
	return starts;
}

/**
 * Orders by level, then by the place of the component's first entity, so that neighbours need each other
 * as little as possible and large batches can be in flight together.
 */
export function importOrder(needs: Needs, store?: ColumnStore): ImportOrder {
	const search = new Search(needs, store);
	search.run();
	const { componentOf } = search;
	const next = componentStarts(search, store);
	search.clear();
	const entities = integers(0, store);
	for (let entity = 0; entity < needs.count; entity++) {
		const component = componentOf.get(entity);
		const place = next.get(component);
		entities.set(place, entity);
		next.set(component, place + 1);
	}
	next.clear();
	return { entities, componentOf };
}
