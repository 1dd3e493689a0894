import type { ImportOrder, Needs } from './import-order.ts';
import type { SourceEntities } from './import-source.ts';
import type { ImportTable } from './import-table.ts';
import { integers } from './number-column.ts';

/** Bytes of one request: what servers and proxies take, and what it costs to send it again. */
const BATCH_BYTES = 32 * 1024 * 1024;
const NO_BATCH = -1;

/** Entities that are sent in one request. */
export interface ImportBatch {
	readonly number: number;
	readonly kind: 'insert' | 'update';
	/** In the order of the import. */
	readonly members: readonly number[];
	/** Batches that must be done before this one is sent. */
	readonly after: readonly number[];
}

interface OpenBatch {
	readonly number: number;
	readonly kind: ImportBatch['kind'];
	readonly members: number[];
	bytes: number;
}

export interface BatchInput {
	readonly source: SourceEntities;
	readonly order: ImportOrder;
	readonly needs: Needs;
	readonly table: ImportTable;
	readonly batchSize: number;
	/** Bytes that the entity adds to its request. */
	readonly bytesOf: (index: number) => number;
}

/**
 * Cuts the order into requests. Entities that need each other come in one, however many they are; of those that
 * exist already only the new ones, since they have their ids.
 */
export class ImportBatches {
	readonly #input: BatchInput;
	readonly #batchOf = integers();
	readonly #open: { insert?: OpenBatch; update?: OpenBatch } = {};
	#count = 0;

	constructor(input: BatchInput) {
		this.#input = input;
	}

	*all(): Generator<ImportBatch> {
		for (const component of this.#components()) {
			for (const kind of ['insert', 'update'] as const) {
				const members = component.filter((index) => this.#input.table.action(index) === kind);
				if (members.length > 0) yield* this.#add(kind, members);
			}
		}
		yield* this.#close('insert');
		yield* this.#close('update');
	}

	*#components(): Generator<number[]> {
		const { entities, componentOf } = this.#input.order;
		let current: number[] = [];
		for (const index of entities) {
			const [first] = current;
			if (first !== undefined && componentOf[first] !== componentOf[index]) {
				yield current;
				current = [];
			}
			current.push(index);
		}
		if (current.length > 0) yield current;
	}

	*#add(kind: ImportBatch['kind'], members: readonly number[]): Generator<ImportBatch> {
		const { source, batchSize, bytesOf } = this.#input;
		const other = kind === 'insert' ? 'update' : 'insert';
		if (this.#needsSomeOf(members, this.#open[other])) yield* this.#close(other);
		const bytes = members.reduce((sum, index) => sum + bytesOf(index), 0);
		const current = this.#open[kind];
		if (current !== undefined) {
			const isFull =
				current.members.length + members.length > batchSize || current.bytes + bytes > BATCH_BYTES;
			// What refers to a version needs an entity that has one already.
			const isApart =
				members.some((index) => source.isVersioned(index)) && this.#needsSomeOf(members, current);
			if (isFull || isApart) yield* this.#close(kind);
		}
		const batch = (this.#open[kind] ??= { number: this.#count++, kind, members: [], bytes: 0 });
		batch.bytes += bytes;
		for (const index of members) {
			batch.members.push(index);
			this.#batchOf.set(index, batch.number, NO_BATCH);
		}
	}

	*#close(kind: ImportBatch['kind']): Generator<ImportBatch> {
		const batch = this.#open[kind];
		if (batch === undefined) return;
		delete this.#open[kind];
		const after = new Set<number>();
		for (const index of batch.members) {
			for (const needed of this.#neededBy(index)) {
				const number = this.#batchOf.get(needed, NO_BATCH);
				if (number !== NO_BATCH && number !== batch.number) after.add(number);
			}
		}
		const { number, members } = batch;
		yield { number, kind, members, after: [...after] };
	}

	#needsSomeOf(members: readonly number[], batch: OpenBatch | undefined): boolean {
		if (batch === undefined) return false;
		return members.some((index) => {
			for (const needed of this.#neededBy(index)) {
				if (this.#batchOf.get(needed, NO_BATCH) === batch.number) return true;
			}
			return false;
		});
	}

	#neededBy(index: number): Int32Array {
		const { starts, targets } = this.#input.needs;
		return targets.subarray(starts[index], starts[index + 1]);
	}
}
