import type { ColumnStore } from './column-store.ts';
import { integers } from './number-column.ts';
import { StringTable } from './string-table.ts';

/**
 * Who needs whom, by number, outside of the JavaScript heap. All records of a type need the same definitions:
 * such a list is kept once.
 */
export class Needs {
	readonly #lists = new StringTable();
	readonly #listEnds = integers();
	readonly #listTargets = integers();
	/** By entity: its list of definitions, and where its own targets end. */
	readonly #listOf;
	readonly #ownEnds;
	readonly #ownTargets;

	constructor(store?: ColumnStore) {
		this.#listOf = integers(0, store);
		this.#ownEnds = integers(0, store);
		this.#ownTargets = integers(0, store);
	}

	get count(): number {
		return this.#listOf.length;
	}

	/** Adds what the next entity needs: definitions, which others need as well, and what it refers to. */
	add(definitions: ReadonlySet<number>, others: ReadonlySet<number>): void {
		const list = [...definitions].sort((a, b) => a - b);
		const number = this.#lists.add(list.join(' '));
		if (number === this.#listEnds.length) {
			for (const target of list) this.#listTargets.push(target);
			this.#listEnds.push(this.#listTargets.length);
		}
		this.#listOf.push(number);
		for (const target of others) this.#ownTargets.push(target);
		this.#ownEnds.push(this.#ownTargets.length);
	}

	/** What it needs, one by one: undefined behind the last. */
	at(entity: number, place: number): number | undefined {
		const list = this.#listOf.get(entity);
		const listStart = list === 0 ? 0 : this.#listEnds.get(list - 1);
		const shared = this.#listEnds.get(list) - listStart;
		if (place < shared) return this.#listTargets.get(listStart + place);
		const start = entity === 0 ? 0 : this.#ownEnds.get(entity - 1);
		const own = start + place - shared;
		return own < this.#ownEnds.get(entity) ? this.#ownTargets.get(own) : undefined;
	}

	*of(entity: number): Generator<number> {
		for (let place = 0; ; place++) {
			const target = this.at(entity, place);
			if (target === undefined) return;
			yield target;
		}
	}
}
