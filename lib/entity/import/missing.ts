import type { EngineContext } from '../../core/index.ts';
import type { CaosDbClient } from '../client/client.ts';
import type { IdMapEntry } from './id-map-line.ts';
import { TargetLookup } from './lookup.ts';
import { Needs } from './needs.ts';
import { importOrder } from './order.ts';
import type { ImportPair } from './pair.ts';
import { mentions } from './references.ts';
import type { ImportRules } from './rules.ts';
import type { SourceEntities } from './source.ts';
import type { ImportAction } from './table.ts';
import type { Entity } from '../model.ts';

/** What was transferred before and is not in the source any more. */
export interface MissingEntity {
	readonly entry: IdMapEntry;
	readonly name: string | null;
	readonly action: Extract<ImportAction, 'missing' | 'delete'>;
	readonly message: string;
}

const LOOKED_UP_AT_ONCE = 1000;
/** What is only reported is looked up as far as a person reads on. */
const REPORTED_MAX = 1000;
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
	readonly rules: Pick<ImportRules, 'onMissing'>;
}

/** Entities of the id map that the source has no more, those that need others before these. */
export class MissingEntities {
	readonly found: MissingEntity[] = [];
	/** How many more are missing, of which only the number is told. */
	further = 0;
	/** Keys of those that the target has no more either. */
	readonly gone: string[] = [];
	readonly #input: MissingInput;
	/** Of each that is found: the ids and names that it mentions, and its own. */
	readonly #links: Array<{ readonly own: readonly string[]; readonly others: readonly string[] }> =
		[];

	constructor(input: MissingInput) {
		this.#input = input;
	}

	async find(): Promise<void> {
		const { pair, source, rules } = this.#input;
		if (rules.onMissing === 'ignore') return;
		let entries: IdMapEntry[] = [];
		for (const entry of pair.entries()) {
			if (isThere(source, entry.source)) continue;
			if (rules.onMissing === 'report' && this.found.length + entries.length >= REPORTED_MAX) {
				this.further++;
				continue;
			}
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
		await pair.remove(this.gone);
		const toDelete = this.found.filter(({ action }) => action === 'delete');
		for (let at = 0; at < toDelete.length; at += DELETED_AT_ONCE) {
			const some = toDelete.slice(at, at + DELETED_AT_ONCE);
			await client.remove(some.map(({ entry }) => entry.target));
			await pair.remove(some.map(({ entry }) => entry.source));
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
			const reason = decide(entry, target, rules.onMissing === 'delete');
			const message = typeof reason === 'string' ? reason : 'it is not in the source any more';
			const action = reason === true ? 'delete' : 'missing';
			this.found.push({ entry, name: target.name, action, message });
			if (action === 'delete') this.#links.push(linksOf(target));
			else this.#links.push(NO_LINKS);
		}
	}

	/** What needs others is deleted before them. */
	#sort(): void {
		const placeOf = new Map<string, number>();
		this.#links.forEach(({ own }, place) => own.forEach((text) => placeOf.set(text, place)));
		const needs = new Needs();
		this.#links.forEach(({ others }, place) => {
			const needed = others.map((text) => placeOf.get(text) ?? place);
			needs.add(new Set(), new Set(needed.filter((other) => other !== place)));
		});
		const sorted = [...importOrder(needs).entities.values()]
			.reverse()
			.flatMap((at) => this.found[at] ?? []);
		this.found.splice(0, this.found.length, ...sorted);
	}
}

const NO_LINKS = { own: [], others: [] };

function linksOf(entity: Entity): {
	readonly own: readonly string[];
	readonly others: readonly string[];
} {
	const others = new Set<string>();
	for (const { id, name } of mentions(entity, () => null)) others.add(id ?? name ?? '');
	const { id, name, role } = entity;
	// Data types are mentioned by name.
	return { own: role === 'RecordType' ? [id ?? '', name ?? ''] : [id ?? ''], others: [...others] };
}
