import { setTimeout as sleep } from 'node:timers/promises';

import { EngineError, cancelledError } from '../../core/index.ts';
import type { BatchJournal } from './batch-journal.ts';
import { messageLine } from '../client/answer-errors.ts';
import type { WriteOptions } from '../client/client.ts';
import type { WriteResult } from '../client/write-answer.ts';
import { entityLabel } from '../entity-id.ts';
import type { IdMapEntry } from './id-map-line.ts';
import type { ImportBatch } from './batches.ts';
import { absolutePath } from './lookup.ts';
import { contentHash, packEntity } from './pack.ts';
import type { PlanInput } from './plan.ts';
import { type LostInsert, recoverInsert } from './recover.ts';
import type { RequestSlots } from './request-slots.ts';
import { ImportResolver, temporaryId } from './resolver.ts';
import { rewriteEntity } from './rewrite.ts';
import type { Entity } from '../model.ts';
import { integers } from './number-column.ts';

/** The content of one file of the source. */
export interface FileContent {
	readonly bytes: number;
	/** SHA-512 of what `open` gives, in hex. */
	readonly sha512: string;
	/** May be called again, for another try. */
	readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

export interface SendInput extends PlanInput {
	readonly journal: BatchJournal;
	/** Content of the file with this path, which begins with a slash. */
	readonly contentOf: (path: string) => FileContent | undefined;
	/** Milliseconds since 1970 on the server's clock. */
	readonly serverTime: () => number;
	readonly signal: AbortSignal;
	readonly slots: RequestSlots;
	/** Asked when it is a request's turn: not after a failure, not after a cancel. */
	readonly maySend: () => boolean;
	/** Before a lost request is looked up; doubled for each further time. */
	readonly waitMs: number;
}

/** What became of a request: `lost` when only the server knows. */
export type SendOutcome =
	| { readonly kind: 'done' }
	/** It might not be sent any more when its turn came. */
	| { readonly kind: 'notSent' }
	| { readonly kind: 'lost'; readonly insert: LostInsert; readonly cause: EngineError };

interface Member {
	readonly index: number;
	/** As it is in the file. */
	readonly original: Entity;
	/** As it is sent. */
	readonly sent: Entity;
	/** See `contentHash`; made here, where the time would go to waiting for the server. */
	readonly hash: string;
}

/** A request that failed on its way is tried so often; each time it is certain that it was not carried out. */
const ATTEMPTS = 4;
const LONGEST_WAIT_MS = 600_000;
/** Errors of a write that say that the server did not act on it. */
const NOT_CARRIED_OUT: readonly string[] = [
	...['entity_unwritable', 'http_failed', 'server_access_denied', 'server_answer_invalid'],
	'server_failed',
];
const TOO_LONG_STATUSES: readonly unknown[] = [413, 414, 431];

/** Sends batches, and keeps journal, table and id map in step with what is known of the target. */
export class BatchSender {
	readonly #input: SendInput;
	readonly #resolver: ImportResolver;
	#isRefused = false;
	/** What this run inserted, in that order. */
	readonly inserted;

	constructor(input: SendInput) {
		this.#input = input;
		this.#resolver = new ImportResolver(input, false);
		this.inserted = integers(0, input.store);
	}

	/** Throws `server_refused`, `entity_reference_unknown`, and what requests throw. */
	async send(batch: ImportBatch): Promise<SendOutcome> {
		const members = batch.members.map((index) => this.#member(batch, index));
		return batch.kind === 'insert'
			? await this.#insert(batch, members)
			: await this.#update(batch, members);
	}

	/**
	 * Looks what became of a lost insert, and sends it again if nothing did and it may. Nothing else may be under
	 * way. Throws `import_undecided`.
	 */
	async settle(
		batch: ImportBatch,
		insert: LostInsert,
		{ mayRepeat }: { readonly mayRepeat: boolean },
	): Promise<void> {
		let lost = insert;
		for (let attempt = 1; ; attempt++) {
			await this.#wait(attempt, lost.lasted);
			const outcome = await recoverInsert(lost, this.#input.client, this.#knownTargets());
			const members = batch.members.map((index) => this.#member(batch, index));
			if (outcome.kind === 'found') return await this.#record(batch, members, outcome.entities);
			await this.#input.journal.end(batch.number);
			if (!mayRepeat) return;
			const again = await this.#insert(batch, members);
			if (again.kind === 'done') return;
			if (again.kind === 'notSent') throw cancelledError(this.#input.signal);
			if (attempt === ATTEMPTS) throw again.cause;
			lost = again.insert;
		}
	}

	#knownTargets(): { isKnownTarget: (id: string) => boolean } {
		const { pair, table } = this.#input;
		return { isKnownTarget: (id) => table.isClaimed(id) || pair.isKnownTarget(id) };
	}

	#member({ kind }: ImportBatch, index: number): Member {
		const original = this.#input.source.entity(index);
		const id = kind === 'insert' ? temporaryId(index) : (this.#input.table.target(index) ?? null);
		const { entity, problems } = rewriteEntity(original, id, this.#resolver);
		const [problem] = problems;
		if (problem === undefined) {
			const sent = this.#withFile(index, entity);
			return { index, original, sent, hash: contentHash(original) };
		}
		throw new EngineError(
			'entity_reference_unknown',
			`${entityLabel(original)} cannot be sent: ${problem}`,
			{ remedy: 'Export it together with what it refers to, or import that first.' },
		);
	}

	/** The checksum only together with the content that it is of. */
	#withFile(index: number, entity: Entity): Entity {
		if (entity.role !== 'File') return entity;
		const content = this.#contentOf(index, entity);
		return { ...entity, size: null, checksum: content?.sha512 ?? null };
	}

	#contentOf(index: number, { role, path }: Entity): FileContent | undefined {
		if (role !== 'File' || path === null) return undefined;
		const { table, contentOf } = this.#input;
		const isNew = table.action(index) === 'insert';
		const isOther = table.note(index).differences.some((text) => text.startsWith('content:'));
		return isNew || isOther ? contentOf(absolutePath(path)) : undefined;
	}

	#optionsOf(members: readonly Member[]): WriteOptions {
		const uploads = new Map<number, Pick<FileContent, 'bytes' | 'open'>>();
		members.forEach(({ index, sent }, at) => {
			const content = this.#contentOf(index, sent);
			if (content !== undefined) uploads.set(at, content);
		});
		return { uploads };
	}

	/** The answer; undefined when the request may not be sent any more. */
	async #inTurn(request: () => Promise<WriteResult>): Promise<WriteResult | undefined> {
		const { slots, maySend } = this.#input;
		return await slots.use(async () => {
			if (this.#isRefused || !maySend()) return undefined;
			const result = await request();
			// Before the next one has its turn.
			this.#isRefused ||= result.kind === 'refused';
			return result;
		});
	}

	async #insert(batch: ImportBatch, members: readonly Member[]): Promise<SendOutcome> {
		const { client, journal, source, serverTime } = this.#input;
		const sent = members.map((member) => member.sent);
		const since = serverTime();
		await journal.begin(batch.number, {
			since,
			entities: members.map(({ index, original, hash, sent: entity }) => ({
				packed: packEntity(entity),
				source: source.key(index),
				sourceVersion: original.version?.id ?? null,
				hash,
			})),
		});
		let start = performance.now();
		let result: WriteResult | undefined;
		try {
			result = await this.#inTurn(async () => {
				start = performance.now();
				return await client.insert(sent, this.#optionsOf(members));
			});
		} catch (error) {
			if (error instanceof EngineError && error.code === 'server_outcome_unknown') {
				const lasted = performance.now() - start;
				return { kind: 'lost', insert: { sent, since, lasted }, cause: error };
			}
			// What else ends a request may have ended it at any moment: the next run looks it up.
			if (!(error instanceof EngineError) || !NOT_CARRIED_OUT.includes(error.code)) throw error;
			await journal.end(batch.number);
			if (members.length > 1 && TOO_LONG_STATUSES.includes(error.details['status'])) {
				throw new BatchTooLong(error);
			}
			throw error;
		}
		if (result?.kind === 'done') {
			await this.#record(batch, members, result.entities);
			return { kind: 'done' };
		}
		await journal.end(batch.number);
		if (result === undefined) return { kind: 'notSent' };
		throw this.#refusal(members, result, 'to insert');
	}

	/** To replace an entity by the same again is harmless. */
	async #update(batch: ImportBatch, members: readonly Member[]): Promise<SendOutcome> {
		const { client } = this.#input;
		const sent = members.map((member) => member.sent);
		for (let attempt = 1; ; attempt++) {
			try {
				const result = await this.#inTurn(
					async () => await client.update(sent, this.#optionsOf(members)),
				);
				if (result === undefined) return { kind: 'notSent' };
				if (result.kind === 'refused') throw this.#refusal(members, result, 'to update');
				await this.#record(batch, members, result.entities);
				return { kind: 'done' };
			} catch (error) {
				const isLost = error instanceof EngineError && error.code === 'server_outcome_unknown';
				if (!isLost || attempt === ATTEMPTS) throw error;
				await this.#wait(attempt);
			}
		}
	}

	async #record(
		{ number, kind }: ImportBatch,
		members: readonly Member[],
		answered: readonly Entity[],
	): Promise<void> {
		const { table, pair, source, journal } = this.#input;
		const entries: IdMapEntry[] = [];
		members.forEach(({ index, original, hash }, at) => {
			const target = answered[at]?.id;
			if (target === undefined || target === null) return;
			const targetVersion = answered[at]?.version?.id ?? null;
			const key = source.key(index);
			table.setTarget(index, target, targetVersion);
			if (kind === 'insert') this.inserted.push(index);
			if (key === null) return;
			const isMade = kind === 'insert' || (pair.known(key)?.isMade ?? false);
			entries.push({
				...{ source: key, role: original.role, target, targetVersion, isMade },
				...{ sourceVersion: original.version?.id ?? null, hash },
			});
		});
		await pair.put(entries);
		if (kind === 'insert') await journal.end(number);
	}

	#refusal(
		members: readonly Member[],
		{ refusals }: Extract<WriteResult, { kind: 'refused' }>,
		what: string,
	): EngineError {
		const first = refusals.find(({ index }) => index !== undefined) ?? refusals[0];
		const member = first?.index === undefined ? undefined : members[first.index];
		const label = member === undefined ? 'the entities' : entityLabel(member.original);
		const said = first === undefined ? 'without a reason' : messageLine(first.message);
		const entities = new Set(refusals.flatMap(({ index }) => index ?? []));
		const more = entities.size > 1 ? ` (and ${entities.size - 1} more of the same request)` : '';
		return new EngineError(
			'server_refused',
			`The server refused ${what} ${label}: ${said}${more}`,
			{
				remedy:
					'Nothing of this request was changed. Correct what the server names, and run again.',
				details: { code: first?.message.code ?? '', entities: entities.size },
			},
		);
	}

	async #wait(attempt: number, least = 0): Promise<void> {
		const { signal, waitMs } = this.#input;
		const wait = Math.max(waitMs * 2 ** (attempt - 1), Math.min(least, LONGEST_WAIT_MS));
		try {
			await sleep(wait, undefined, { signal });
		} catch {
			throw cancelledError(signal);
		}
	}
}

/** The server takes less at once. */
export class BatchTooLong extends Error {
	readonly error: EngineError;

	constructor(error: EngineError) {
		super(error.message);
		this.error = error;
	}
}
