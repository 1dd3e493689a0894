import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type EngineContext, cancelledError } from '../../core/index.ts';
import { BatchJournal, type OpenBatch } from './batch-journal.ts';
import { ColumnStore } from './column-store.ts';
import type { CaosDbClient } from '../client/client.ts';
import type { IdMapEntry, IdMapPair } from './id-map-line.ts';
import { IdMap } from './id-map.ts';
import { ImportExecution } from './execute.ts';
import { MissingEntities } from './missing.ts';
import { Needs } from './needs.ts';
import { type ImportOrder, importOrder } from './order.ts';
import { integers } from './number-column.ts';
import { unpackEntity } from './pack.ts';
import { ImportPair } from './pair.ts';
import { assertNoConflict, undoInserts, withProgress } from './failure.ts';
import { ImportPlanner, type PlanInput } from './plan.ts';
import { absolutePath } from './lookup.ts';
import { recoverInsert } from './recover.ts';
import { type ImportRules, resolveImportRules } from './rules.ts';
import type { FileContent } from './send.ts';
import { SourceEntities } from './source.ts';
import { IMPORT_ACTIONS, type ImportAction, ImportTable } from './table.ts';
import type { Entity, Role } from '../model.ts';
import { SpillFile } from './spill-file.ts';

interface Place {
	readonly path: string;
	readonly displayPath: string;
}

export interface ImportInput {
	readonly client: CaosDbClient;
	readonly entities: AsyncIterable<Entity>;
	readonly pair: IdMapPair;
	/** The id map of this direction; read only in a dry run. */
	readonly map: Place;
	/** The id map of the other direction, which need not be there. */
	readonly back: Place;
	/** An existing folder of this pair's own: journal of requests. */
	readonly journal: Place;
	/** An empty folder of this run's own, removed by the caller. */
	readonly work: Place;
	readonly rules: ImportRules;
	/** Whether the source has the content of the file with this path, which begins with a slash. */
	readonly hasContent: (path: string) => boolean;
	readonly isDryRun: boolean;
	/** Before a lost request is looked up: a server may still be busy with it. Default 1000. */
	readonly waitMs?: number;
}

/** What is planned or was done about one entity. */
export interface ImportRow {
	readonly role: Role;
	readonly name: string | null;
	/** In the source. */
	readonly idBefore: string | null;
	/** On the target; null as long as there is none. */
	readonly idAfter: string | null;
	readonly action: ImportAction;
	readonly differences: readonly string[];
	readonly messages: readonly string[];
}

export type ImportCounts = Readonly<Record<ImportAction, number>>;

export interface NeededFile {
	readonly path: string;
	/** SHA-512 in hex, as the source says. */
	readonly checksum: string | null;
}

const WAIT_MS = 1000;
/** So many times as long, a server may be busy with the request of a run that was ended. */
const STILL_BUSY = 10;

/** One import: what is to be done, and the doing of it. */
export class EntityImport {
	readonly rules: ImportRules;
	/** English sentences about what the person should know. */
	readonly warnings: string[] = [];
	readonly #input: ImportInput;
	readonly #map: IdMap;
	readonly #back: IdMap;
	readonly #pair: ImportPair;
	readonly #journal: BatchJournal;
	readonly #store: ColumnStore;
	readonly #entities: SpillFile;
	readonly #notes: SpillFile;
	readonly #source: SourceEntities;
	readonly #table: ImportTable;
	readonly #missing: MissingEntities;
	#needs = new Needs();
	#order: ImportOrder = { entities: integers(), componentOf: integers() };
	/** The server's clock minus ours, in milliseconds. */
	#clockOffset = 0;

	private constructor(input: ImportInput) {
		const { map, back, pair, work, journal, isDryRun, client } = input;
		this.#input = input;
		this.rules = resolveImportRules(input.rules);
		const store = new ColumnStore(join(work.path, 'columns'), work.displayPath);
		this.#store = store;
		this.#map = IdMap.open(map, pair, isDryRun ? 'read' : 'write', store);
		this.#back = IdMap.open(back, { source: pair.target, target: pair.source }, 'read', store);
		this.#pair = new ImportPair(this.#map, this.#back);
		this.#journal = new BatchJournal(journal.path, journal.displayPath);
		this.#entities = new SpillFile(join(work.path, 'entities'), work.displayPath, store);
		this.#notes = new SpillFile(join(work.path, 'notes'), work.displayPath, store);
		this.#source = new SourceEntities(this.#entities, store);
		this.#table = new ImportTable(this.#notes, store);
		const { rules } = this;
		this.#missing = new MissingEntities({ client, source: this.#source, pair: this.#pair, rules });
	}

	/**
	 * Reads the source and decides what is to be done; on the target nothing is changed. What an interrupted run
	 * left open is looked up first. Throws `import_undecided`, `id_map_invalid`, `xml_invalid`, and what the client
	 * and the source throw.
	 */
	static async plan(input: ImportInput, context: EngineContext): Promise<EntityImport> {
		const made = new EntityImport(input);
		try {
			await made.#prepare(context);
			return made;
		} catch (error) {
			made.close();
			throw error;
		}
	}

	get counts(): ImportCounts {
		const counts = Object.fromEntries(
			IMPORT_ACTIONS.map((action) => [action, this.#table.count(action)]),
		) as Record<ImportAction, number>;
		for (const { action } of this.#missing.found) counts[action]++;
		counts.missing += this.#missing.further;
		return counts;
	}

	/** Files whose contents `execute` will ask for. */
	*neededFiles(): Generator<NeededFile> {
		for (let index = 0; index < this.#source.count; index++) {
			if (this.#source.role(index) !== 'File') continue;
			const action = this.#table.action(index);
			const isOther =
				action === 'update' &&
				this.#table.note(index).differences.some((text) => text.startsWith('content:'));
			if (action !== 'insert' && !isOther) continue;
			const { path, checksum } = this.#source.entity(index);
			if (path !== null) yield { path: absolutePath(path), checksum };
		}
	}

	/**
	 * Does what was planned. Throws `import_conflict` before anything is changed, and otherwise the first failure,
	 * after what was done is in the id map, or is undone.
	 */
	async execute(
		contentOf: (path: string) => FileContent | undefined,
		context: EngineContext,
	): Promise<void> {
		assertNoConflict(this.#source, this.#table);
		const execution = new ImportExecution({
			...this.#planInput(),
			...{ journal: this.#journal, signal: context.signal, contentOf },
			serverTime: () => Date.now() + this.#clockOffset,
			contentBytes: (index) => this.#contentBytes(index, contentOf),
			...{ firstBatch: 1, waitMs: this.#input.waitMs ?? WAIT_MS },
		});
		try {
			await execution.run(context);
			await this.#missing.remove(context);
		} catch (error) {
			const { inserted } = execution.sender;
			if (this.rules.onFailure === 'undo') {
				throw await undoInserts(inserted, error, this.#planInput());
			}
			throw withProgress(error, inserted.length);
		}
	}

	/** What is planned, or was done, in the order of the source; then what is missing in it. */
	*rows(): Generator<ImportRow> {
		for (let index = 0; index < this.#source.count; index++) {
			const { role, name, id } = this.#source.entity(index);
			const action = this.#table.action(index);
			const idAfter = this.#table.target(index) ?? null;
			yield { role, name, idBefore: id, idAfter, action, ...this.#table.note(index) };
		}
		for (const { entry, name, action, message } of this.#missing.found) {
			const { role, source: idBefore, target: idAfter } = entry;
			yield { role, name, idBefore, idAfter, action, differences: [], messages: [message] };
		}
	}

	close(): void {
		this.#store.close();
		this.#map.close();
		this.#back.close();
		this.#entities.close();
		this.#notes.close();
	}

	async #prepare(context: EngineContext): Promise<void> {
		const { client, entities, isDryRun } = this.#input;
		const before = Date.now();
		const { time } = await client.info();
		if (time !== undefined) this.#clockOffset = time - before;
		const unfinished = await this.#journal.unfinished();
		if (isDryRun && unfinished.length > 0) {
			this.warnings.push(
				'An earlier import was interrupted; the next one first looks what became of its last requests.',
			);
		} else for (const batch of unfinished) await this.#recover(batch, context);
		for await (const entity of entities) {
			this.#source.add(entity);
			const done = this.#source.count;
			if (done % 1000 === 0) context.progress.report({ phase: 'prepare', done, unit: 'entries' });
		}
		this.#needs = this.#source.needs();
		this.#order = importOrder(this.#needs, this.#store);
		await new ImportPlanner(this.#planInput()).plan(context);
		await this.#missing.find();
		this.#warn();
	}

	#planInput(): PlanInput {
		const { client, hasContent } = this.#input;
		const { rules } = this;
		return {
			...{ client, hasContent, rules, store: this.#store },
			...{ pair: this.#pair, table: this.#table },
			...{ source: this.#source, order: this.#order, needs: this.#needs },
		};
	}

	async #recover(batch: OpenBatch, context: EngineContext): Promise<void> {
		const sent = batch.entities.map(({ packed }) => unpackEntity(packed));
		const lost = { sent, since: batch.since };
		let outcome = await recoverInsert(lost, this.#input.client, this.#pair);
		const { waitMs = WAIT_MS } = this.#input;
		const age = Date.now() + this.#clockOffset - batch.since;
		const rest = waitMs * STILL_BUSY - age;
		if (outcome.kind === 'absent' && rest > 0) {
			// The run before was ended a moment ago: the server may not have.
			await sleep(rest, undefined, { signal: context.signal }).catch(() => {
				throw cancelledError(context.signal);
			});
			outcome = await recoverInsert(lost, this.#input.client, this.#pair);
		}
		if (outcome.kind === 'found') {
			const entries = batch.entities.flatMap(
				({ source, sourceVersion, hash }, at): IdMapEntry[] => {
					const [entity, found] = [sent[at], outcome.entities[at]];
					if (source === null || entity === undefined || found?.id == null) return [];
					const targetVersion = found.version?.id ?? null;
					const { role } = entity;
					return [
						{ source, role, sourceVersion, hash, target: found.id, targetVersion, isMade: true },
					];
				},
			);
			await this.#pair.put(entries);
			this.warnings.push(
				`${entries.length} entities of an interrupted import were found on the target.`,
			);
		}
		await this.#journal.end(batch.number);
	}

	#warn(): void {
		const { systemEntities, leftOut } = this.#source;
		if (systemEntities > 0) {
			this.warnings.push(
				`${systemEntities} entities of the server itself (ids below 100) were left out.`,
			);
		}
		const { further } = this.#missing;
		if (further > 0) {
			this.warnings.push(
				`${further} more entities of earlier imports are not in the source; they are not listed.`,
			);
		}
		if (leftOut > 0) {
			this.warnings.push(`Permissions or states of ${leftOut} entities were not transferred.`);
		}
	}

	#contentBytes(index: number, contentOf: (path: string) => FileContent | undefined): number {
		if (this.#source.role(index) !== 'File') return 0;
		const { path } = this.#source.entity(index);
		return path === null ? 0 : (contentOf(absolutePath(path))?.bytes ?? 0);
	}
}
