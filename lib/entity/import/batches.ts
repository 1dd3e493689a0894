import type { Needs } from './needs.ts';
import type { ColumnStore } from './column-store.ts';
import type { ImportOrder } from './order.ts';
import type { SourceEntities } from './source.ts';
import type { ImportTable } from './table.ts';
import { integers } from './number-column.ts';

/** Weight of one request: what servers and proxies take, and what it costs to send it again. */
const BATCH_WEIGHT = 64 * 1024 * 1024;
/** A byte of the document weighs more than one of a file, which streams: the document is in memory, several times. */
const DOCUMENT_WEIGHT = 16;
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
	weight: number;
}

export interface BatchInput {
	readonly source: SourceEntities;
	readonly order: ImportOrder;
	readonly needs: Needs;
	readonly table: ImportTable;
	readonly batchSize: number;
	/** See `NumberColumn`. */
	readonly store?: ColumnStore;
	/** Bytes of the file that the entity brings along. */
	readonly contentBytes: (index: number) => number;
}

/**
 * Cuts the order into requests. Entities that need each other come in one, however many they are; of those that
 * exist already only the new ones, since they have their ids.
 */
export class ImportBatches {
	readonly #input: BatchInput;
	readonly #batchOf;
	readonly #open: { insert?: OpenBatch; update?: OpenBatch } = {};
	#count = 0;

	constructor(input: BatchInput) {
		this.#input = input;
		this.#batchOf = integers(NO_BATCH, input.store);
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
		for (const index of entities.values()) {
			const [first] = current;
			if (first !== undefined && componentOf.get(first) !== componentOf.get(index)) {
				yield current;
				current = [];
			}
			current.push(index);
		}
		if (current.length > 0) yield current;
	}

	*#add(kind: ImportBatch['kind'], members: readonly number[]): Generator<ImportBatch> {
		const { source, batchSize } = this.#input;
		const other = kind === 'insert' ? 'update' : 'insert';
		if (this.#needsSomeOf(members, this.#open[other])) yield* this.#close(other);
		const weight = members.reduce((sum, index) => sum + this.#weightOf(index), 0);
		const current = this.#open[kind];
		if (current !== undefined) {
			const isFull =
				current.members.length + members.length > batchSize ||
				current.weight + weight > BATCH_WEIGHT;
			// What refers to a version needs an entity that has one already.
			const isApart =
				members.some((index) => source.isVersioned(index)) && this.#needsSomeOf(members, current);
			if (isFull || isApart) yield* this.#close(kind);
		}
		const batch = (this.#open[kind] ??= { number: this.#count++, kind, members: [], weight: 0 });
		batch.weight += weight;
		for (const index of members) {
			batch.members.push(index);
			this.#batchOf.set(index, batch.number);
		}
	}

	*#close(kind: ImportBatch['kind']): Generator<ImportBatch> {
		const batch = this.#open[kind];
		if (batch === undefined) return;
		delete this.#open[kind];
		const after = new Set<number>();
		for (const index of batch.members) {
			for (const needed of this.#input.needs.of(index)) {
				const number = this.#batchOf.get(needed);
				if (number !== NO_BATCH && number !== batch.number) after.add(number);
			}
		}
		const { number, members } = batch;
		yield { number, kind, members, after: [...after] };
	}

	#weightOf(index: number): number {
		const { source, contentBytes } = this.#input;
		return source.bytes(index) * DOCUMENT_WEIGHT + contentBytes(index);
	}

	#needsSomeOf(members: readonly number[], batch: OpenBatch | undefined): boolean {
		if (batch === undefined) return false;
		return members.some((index) => {
			for (const needed of this.#input.needs.of(index)) {
				if (this.#batchOf.get(needed) === batch.number) return true;
			}
			return false;
		});
	}
}
