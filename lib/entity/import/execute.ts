import { type EngineContext, cancelledError } from '../../core/index.ts';
import { type ImportBatch, ImportBatches } from './batches.ts';
import type { IdMapEntry } from './id-map-line.ts';
import { contentHash } from './pack.ts';
import { BatchSender, BatchTooLong, type SendInput } from './send.ts';
import type { LostInsert } from './recover.ts';
import { RequestSlots } from './request-slots.ts';

/** An entry of the id map is on the disk after so many entities at the latest. */
const RECORDED_AT_ONCE = 1000;

/**
 * Requests that are made ready and journalled while others are under way: the server would wait for the disk
 * and for this side otherwise.
 */
const MADE_READY = 2;

export interface ExecuteInput extends Omit<SendInput, 'slots' | 'maySend'> {
	/** Bytes of the file that an entity brings along. */
	readonly contentBytes: (index: number) => number;
	/** The first free number of a batch in the journal. */
	readonly firstBatch: number;
}

interface Waiting {
	readonly batch: ImportBatch;
	/** Absent: it could not be sent before another one was settled. */
	readonly insert?: LostInsert;
}

/**
 * Carries out a plan: several requests under way where the order permits, each in the journal before it is sent
 * and in the id map after it. After a failure nothing more is sent, and what is under way is waited for.
 */
export class ImportExecution {
	readonly sender: BatchSender;
	readonly #input: ExecuteInput;
	readonly #running = new Map<number, Promise<void>>();
	readonly #lost: Waiting[] = [];
	#failure: unknown;
	#hasFailed = false;
	#done = 0;

	constructor(input: ExecuteInput) {
		this.#input = input;
		this.sender = new BatchSender({
			...input,
			slots: new RequestSlots(input.rules.parallel),
			maySend: () => !this.#hasFailed && !input.signal.aborted,
		});
	}

	/** Throws the first failure. */
	async run(context: EngineContext): Promise<void> {
		await this.#recordUnchanged();
		const { source, order, needs, table, rules, contentBytes, store } = this.#input;
		const { batchSize, parallel } = rules;
		const batches = new ImportBatches({
			...{ source, order, needs, table, batchSize, contentBytes, store },
		});
		for (const batch of batches.all()) {
			await this.#until(() => this.#isReady(batch, parallel + MADE_READY));
			if (this.#hasFailed) break;
			this.#start(batch, context);
		}
		await this.#until(() => this.#running.size === 0);
		if (this.#hasFailed) throw this.#failure;
	}

	#isReady({ after }: ImportBatch, most: number): boolean {
		if (this.#hasFailed) return this.#running.size === 0;
		return this.#running.size < most && !after.some((number) => this.#running.has(number));
	}

	/** Waits until it holds; what is lost is settled while nothing else is under way. */
	async #until(holds: () => boolean): Promise<void> {
		while (!holds() || this.#lost.length > 0) {
			if (this.#running.size > 0) await Promise.race(this.#running.values());
			else await this.#settleLost();
		}
	}

	async #settleLost(): Promise<void> {
		const lost = this.#lost.shift();
		if (lost === undefined) return;
		try {
			if (lost.insert === undefined) {
				if (!this.#hasFailed) await this.#sendOrHalve(lost.batch);
			} else {
				await this.sender.settle(lost.batch, lost.insert, { mayRepeat: !this.#hasFailed });
			}
		} catch (error) {
			this.#fail(error);
		}
	}

	#start(batch: ImportBatch, context: EngineContext): void {
		const work = this.#send(batch, context)
			.catch((error: unknown) => this.#fail(error))
			.finally(() => this.#running.delete(batch.number));
		this.#running.set(batch.number, work);
	}

	async #send(batch: ImportBatch, { signal, progress }: EngineContext): Promise<void> {
		if (signal.aborted) throw cancelledError(signal);
		const { firstBatch, source } = this.#input;
		const numbered = { ...batch, number: batch.number + firstBatch };
		await this.#sendOrHalve(numbered);
		this.#done += batch.members.length;
		progress.report({ phase: 'load', done: this.#done, total: source.count, unit: 'entries' });
	}

	async #sendOrHalve(batch: ImportBatch): Promise<void> {
		try {
			const outcome = await this.sender.send(batch);
			if (outcome.kind === 'lost') this.#lost.push({ batch, insert: outcome.insert });
			const { signal } = this.#input;
			if (outcome.kind === 'notSent' && signal.aborted) throw cancelledError(signal);
		} catch (error) {
			if (!(error instanceof BatchTooLong)) throw error;
			const [first, second] = this.#halves(batch);
			if (first === undefined || second === undefined) throw error.error;
			await this.#sendOrHalve(first);
			const isOpen = this.#lost.some((lost) => lost.batch.number === batch.number);
			if (isOpen) this.#lost.push({ batch: second });
			else await this.#sendOrHalve(second);
		}
	}

	/** The second half may need the first; entities that need each other stay together. */
	#halves(batch: ImportBatch): [ImportBatch?, ImportBatch?] {
		const { members, number } = batch;
		const { componentOf } = this.#input.order;
		const isBorder = (at: number): boolean =>
			componentOf.get(members[at] ?? 0) !== componentOf.get(members[at - 1] ?? 0);
		const middle = Math.ceil(members.length / 2);
		for (let at = middle; at < members.length; at++) {
			if (!isBorder(at)) continue;
			return this.#cut(batch, at, number);
		}
		for (let at = middle; at > 0; at--) if (isBorder(at)) return this.#cut(batch, at, number);
		return [];
	}

	/** The number stays: one half is sent after the other, so the journal has one of them at a time. */
	#cut(batch: ImportBatch, at: number, number: number): [ImportBatch, ImportBatch] {
		const { members } = batch;
		return [
			{ ...batch, number, members: members.slice(0, at) },
			{ ...batch, number, members: members.slice(at) },
		];
	}

	#fail(error: unknown): void {
		if (this.#hasFailed) return;
		this.#hasFailed = true;
		this.#failure = error;
	}

	/** What is found equal is known from now on, too. */
	async #recordUnchanged(): Promise<void> {
		const { source, table, pair } = this.#input;
		let entries: IdMapEntry[] = [];
		for (let index = 0; index < source.count; index++) {
			const entry = table.action(index) === 'unchanged' ? this.#entryOf(index) : undefined;
			if (entry === undefined) continue;
			entries.push(entry);
			if (entries.length < RECORDED_AT_ONCE) continue;
			await pair.put(entries);
			entries = [];
		}
		await pair.put(entries);
	}

	/** What the id map does not say yet; undefined also where the target's own changes stay. */
	#entryOf(index: number): IdMapEntry | undefined {
		const { source, table, pair } = this.#input;
		const [key, target] = [source.key(index), table.target(index)];
		if (key === null || target === undefined || table.note(index).differences.length > 0) {
			return undefined;
		}
		const entity = source.entity(index);
		const [hash, targetVersion] = [contentHash(entity), table.version(index)];
		const sourceVersion = entity.version?.id ?? null;
		const known = pair.known(key);
		const isKnown = known?.states.some(
			(state) =>
				state.hash === hash &&
				state.targetVersion === targetVersion &&
				state.sourceVersion === sourceVersion,
		);
		if (isKnown === true) return undefined;
		const isMade = known?.isMade ?? false;
		const role = source.role(index);
		return { source: key, role, sourceVersion, hash, target, targetVersion, isMade };
	}
}
