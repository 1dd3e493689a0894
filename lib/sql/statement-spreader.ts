import { toEngineError } from '../core/index.ts';
import type { ReadStatement } from './dump-reader.ts';
import type { LoadLane, LoadLanes } from './load-lanes.ts';
import type { StatementKind } from './statement-kind.ts';
import type { LoadStatement, StatementLoader } from './statement-loader.ts';
import { Wakeup } from './wakeup.ts';

/** What may wait for all connections together; more only when one statement alone is larger. */
const QUEUED_BYTES = 8 * 1024 * 1024;
/** What a waiting statement costs beside its bytes. */
const STATEMENT_OVERHEAD_BYTES = 512;

interface Queue {
	readonly lane: LoadLane;
	/** Ends with the last statement that was given to this connection; never rejects. */
	tail: Promise<void>;
	bytes: number;
	waiting: number;
}

/**
 * Spreads the statements of a dump that comes as one stream over several connections. Rows go to the
 * connection that has least to do. Settings of the session go to all, in the order of the dump, so that
 * each has what is in force at any statement. A new table is waited for by all that comes after it, and
 * everything else (triggers, views, changes of a table) waits for all that comes before it, too.
 */
export class StatementSpreader {
	readonly #loader: StatementLoader;
	readonly #lanes: LoadLanes;
	readonly #queues: readonly Queue[];
	readonly #wakeup = new Wakeup();
	readonly #tables = new Set<string>();
	/** Rows wait for it: the last statement that made or changed an object. */
	#gate: Promise<void> = Promise.resolve();
	#gateOpen = true;
	#bytes = 0;
	#failure: { readonly error: unknown } | undefined;

	constructor(loader: StatementLoader, lanes: LoadLanes) {
		this.#loader = loader;
		this.#lanes = lanes;
		this.#queues = lanes.all.map((lane) => ({
			...{ lane, tail: Promise.resolve(), bytes: 0, waiting: 0 },
		}));
	}

	/** Takes the next statement; waits while too many are under way. Throws the first error of any. */
	async load(read: ReadStatement): Promise<void> {
		const prepared = this.#loader.prepare(read);
		if (prepared === undefined) return;
		await this.#room(prepared.sql.length);
		const { kind } = prepared;
		if (kind.verb === 'set') {
			for (const queue of this.#queues) this.#send(queue, prepared);
		} else if (kind.verb === 'insert' && kind.plain && prepared.rows > 0) {
			this.#send(this.#idlest(), prepared, { after: this.#gate });
		} else if (this.#standsAlone(kind)) {
			this.#close(this.#send(this.#idlest(), prepared, { after: this.#gate }));
		} else {
			const quiet = Promise.all(this.#queues.map(({ tail }) => tail));
			this.#close(this.#send(this.#first, prepared, { after: quiet }));
		}
	}

	/** Waits for all statements. */
	async finish(): Promise<void> {
		await Promise.all(this.#queues.map(async ({ tail }) => await tail));
		if (this.#failure !== undefined) throw this.#failure.error;
	}

	get #first(): Queue {
		const [first] = this.#queues;
		if (first === undefined) throw new RangeError('a load has a connection');
		return first;
	}

	#idlest(): Queue {
		return this.#queues.reduce((best, queue) => (queue.bytes < best.bytes ? queue : best));
	}

	/** A table that the load has not seen yet: nothing under way can be about it. */
	#standsAlone(kind: StatementKind): boolean {
		if (kind.verb !== 'create' && kind.verb !== 'drop') return false;
		// The character set of the database belongs to the session that makes its programs, too.
		if (kind.object !== 'table' || !this.#loader.defaultsKnown) return false;
		const names = kind.names.map(({ name = '' }) => name.toLowerCase());
		const isNew = names.every((name) => !this.#tables.has(name));
		if (kind.verb === 'create') for (const name of names) this.#tables.add(name);
		return isNew;
	}

	#close(gate: Promise<void>): void {
		this.#gate = gate;
		this.#gateOpen = false;
		void gate.then(() => {
			if (this.#gate === gate) this.#gateOpen = true;
		});
	}

	async #room(bytes: number): Promise<void> {
		for (;;) {
			if (this.#failure !== undefined) throw this.#failure.error;
			if (this.#bytes === 0 || this.#bytes + bytes <= QUEUED_BYTES) return;
			await this.#wakeup.wait();
		}
	}

	#send(
		queue: Queue,
		prepared: LoadStatement,
		{ after }: { readonly after?: Promise<unknown> } = {},
	): Promise<void> {
		const bytes = prepared.sql.length + STATEMENT_OVERHEAD_BYTES;
		const { tail } = queue;
		const mustWait = after !== undefined && !(after === this.#gate && this.#gateOpen);
		this.#bytes += bytes;
		queue.bytes += bytes;
		queue.waiting += 1;
		const run = async () => {
			await tail;
			try {
				if (this.#failure !== undefined) return;
				if (mustWait) {
					// What it waits for may wait for the tables that this connection holds.
					await queue.lane.commit();
					await after;
				}
				await this.#loader.run(queue.lane, prepared);
				if (queue.waiting === 1) await queue.lane.commit();
				else await queue.lane.commitIfLarge();
			} catch (error) {
				this.#failure ??= { error };
				this.#lanes.halt(toEngineError(error));
			} finally {
				this.#bytes -= bytes;
				queue.bytes -= bytes;
				queue.waiting -= 1;
				this.#wakeup.wake();
			}
		};
		queue.tail = run();
		return queue.tail;
	}
}
