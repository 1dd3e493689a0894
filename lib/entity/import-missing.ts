import type { EngineContext } from '../core/index.ts';
import type { CaosDbClient } from './client/client.ts';
import type { IdMapEntry } from './id-map.ts';
import { TargetLookup } from './import-lookup.ts';
import { importOrder } from './import-order.ts';
import type { ImportPair } from './import-pair.ts';
import { mentions } from './import-references.ts';
import type { ImportRules } from './import-rules.ts';
import type { SourceEntities } from './import-source.ts';
import type { ImportAction } from './import-table.ts';
import type { Entity } from './model.ts';

/** What was transferred before and is not in the source any more. */
export interface MissingEntity {
	readonly entry: IdMapEntry;
	readonly name: string | null;
	readonly action: Extract<ImportAction, 'missing' | 'delete'>;
	readonly message: string;
}

const LOOKED_UP_AT_ONCE = 1000;
const DELETED_AT_ONCE = 100;

/** Whether the file has the entity, with either kind of id. */
function isThere(source: SourceEntities, key: string): boolean {
	return source.indexOf(key) >= 0 || source.indexOf(`-${key}`) >= 0;
}

function decide(
	{ isMade, targetVersion }: IdMapEntry,
	target: Entity,
	mayDelete: boolean,
): string | true {
	if (!isMade) return 'it is not in the source any more; no import made it, so it stays';
	const version = target.version?.id ?? null;
	if (targetVersion !== null && version !== null && targetVersion !== version) {
		return 'it is not in the source any more, but changed on the target since, so it stays';
	}
	return mayDelete || 'it is not in the source any more';
}

export interface MissingInput {
	readonly client: CaosDbClient;
	readonly source: SourceEntities;
	readonly pair: ImportPair;
	readonly rules: Pick<ImportRules, 'deleteMissing'>;
}

/** Entities of the id map that the source has no more, those that need others before these. */
export class MissingEntities {
	readonly found: MissingEntity[] = [];
	/** Keys of those that the target has no more either. */
	readonly gone: string[] = [];
	readonly #input: MissingInput;
	readonly #entities: Entity[] = [];

	constructor(input: MissingInput) {
		this.#input = input;
	}

	async find(): Promise<void> {
		const { pair, source } = this.#input;
		let entries: IdMapEntry[] = [];
		for (const entry of pair.entries()) {
			if (isThere(source, entry.source)) continue;
			entries.push(entry);
			if (entries.length < LOOKED_UP_AT_ONCE) continue;
			await this.#lookUp(entries);
			entries = [];
		}
		await this.#lookUp(entries);
		this.#sort();
	}

	/** Deletes what is to be deleted. Throws `server_refused` when something else needs it. */
	async remove({ progress }: EngineContext): Promise<void> {
		const { client, pair } = this.#input;
		pair.remove(this.gone);
		const toDelete = this.found.filter(({ action }) => action === 'delete');
		for (let at = 0; at < toDelete.length; at += DELETED_AT_ONCE) {
			const some = toDelete.slice(at, at + DELETED_AT_ONCE);
			await client.remove(some.map(({ entry }) => entry.target));
			pair.remove(some.map(({ entry }) => entry.source));
			const done = at + some.length;
			progress.report({ phase: 'finish', done, total: toDelete.length, unit: 'entries' });
		}
	}

	async #lookUp(entries: readonly IdMapEntry[]): Promise<void> {
		const { client, rules } = this.#input;
		const targets = await new TargetLookup(client).byIds(entries.map(({ target }) => target));
		for (const entry of entries) {
			const target = targets.get(entry.target);
			if (target === undefined) {
				this.gone.push(entry.source);
				continue;
			}
			const reason = decide(entry, target, rules.deleteMissing);
			const message = typeof reason === 'string' ? reason : 'it is not in the source any more';
			const action = reason === true ? 'delete' : 'missing';
			this.found.push({ entry, name: target.name, action, message });
			this.#entities.push(target);
		}
	}

	/** What needs others is deleted before them. */
	#sort(): void {
		const placeOf = new Map(this.#entities.map(({ id }, place) => [id ?? '', place]));
		const nameOf = new Map(this.#entities.map(({ name }, place) => [name ?? '', place]));
		const starts = new Int32Array(this.found.length + 1);
		const targets: number[] = [];
		this.#entities.forEach((entity, place) => {
			for (const { id, name } of mentions(entity, () => null)) {
				const needed = placeOf.get(id ?? '') ?? nameOf.get(name ?? '');
				if (needed !== undefined && needed !== place) targets.push(needed);
			}
			starts[place + 1] = targets.length;
		});
		const needs = { count: this.found.length, starts, targets: Int32Array.from(targets) };
		const sorted = [...importOrder(needs).entities].reverse().flatMap((at) => this.found[at] ?? []);
		this.found.splice(0, this.found.length, ...sorted);
	}
}
