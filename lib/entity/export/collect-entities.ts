import { EngineError } from '../../core/index.ts';
import type { CaosDbClient } from '../client/client.ts';
import { isSystemId } from '../entity-id.ts';
import type { Entity } from '../model.ts';
import { offsets } from '../import/number-column.ts';
import { linksOf } from './entity-links.ts';
import { IdNumbers } from '../import/id-numbers.ts';
import { IdSet } from './id-set.ts';
import type { ExportOptions } from './options.ts';

/** Keys handed to the client at once. */
const SLICE = 10_000;
/** Queries for back references under way at once. */
const PARALLEL_QUERIES = 3;
const PLAIN_NUMBER = /^\d+$/;

function missing(what: string, keys: readonly string[]): EngineError {
	const more = keys.length > 1 ? ` and ${keys.length - 1} more` : '';
	return new EngineError('entity_missing', `The server has no ${what} ${keys[0] ?? ''}${more}`, {
		remedy: 'Check the id or name, and that the account may retrieve it.',
		details: { key: keys[0] ?? '', missing: keys.length },
	});
}

/**
 * The selected entities and what belongs to them, breadth first, each once. A step away from the selection is
 * one level; the first visit of an entity is the nearest one, so its references are followed as far as allowed.
 */
export class EntityCollector {
	/** Whether the server's ids are more than numbers; known from the first entity on. */
	hasTextIds = false;
	readonly numbers = new IdNumbers();
	readonly exported = new IdSet(this.numbers);
	readonly #queued = new IdSet(this.numbers);
	#next = offsets();
	#selected = offsets();
	readonly #typeNames = new Set<string>();
	readonly #knownTypes = new Set<string>();
	readonly #client: CaosDbClient;
	readonly #options: ExportOptions;

	constructor(client: CaosDbClient, options: ExportOptions) {
		this.#client = client;
		this.#options = options;
	}

	/** Throws `entity_missing`, `invalid_option`, and what the client throws. */
	async *entities(): AsyncGenerator<Entity> {
		for await (const batch of this.#selection()) yield* this.#visit(batch, 0);
		// With everything exported there is nothing that could be missing.
		if (this.#options.selection.kind === 'all') return;
		if (this.#options.backReferences) yield* this.#backReferences();
		for (let level = 1; ; level++) {
			const wanted = this.#next;
			this.#next = offsets();
			for await (const batch of this.#retrieveNumbers(wanted)) yield* this.#visit(batch, level);
			// Most record types come as somebody's parent: the names are asked for when nothing else is left.
			if (this.#next.length === 0) yield* this.#types(level);
			if (this.#next.length === 0 && this.#openTypes().length === 0) return;
		}
	}

	get #flags(): Readonly<Record<string, string>> {
		return this.#options.acl ? { ACL: '' } : {};
	}

	async *#selection(): AsyncGenerator<readonly Entity[]> {
		const { selection } = this.#options;
		switch (selection.kind) {
			case 'all':
				yield* this.#query('FIND ENTITY');
				yield* this.#query('FIND QUERYTEMPLATE');
				break;
			case 'query':
				yield* this.#query(selection.query);
				break;
			case 'ids':
				yield* this.#retrieve(selection.ids);
				break;
			case 'names':
				for (const name of selection.names) {
					const found = await this.#client.named(name, this.#flags);
					const exact = found.filter((entity) => entity.name === name);
					if (found.length === 0) throw missing('entity with the name', [name]);
					yield exact.length > 0 ? exact : found;
				}
		}
	}

	async *#query(text: string): AsyncGenerator<readonly Entity[]> {
		for await (const { entities } of this.#client.query(text, { flags: this.#flags }))
			yield entities;
	}

	/** Those that did not come meanwhile. */
	async *#retrieveNumbers(wanted: ReturnType<typeof offsets>): AsyncGenerator<readonly Entity[]> {
		for (let at = 0; at < wanted.length;) {
			const ids: string[] = [];
			for (; at < wanted.length && ids.length < SLICE; at++) {
				const id = this.numbers.id(wanted.get(at));
				if (!this.exported.has(id)) ids.push(id);
			}
			yield* this.#retrieve(ids);
		}
	}

	async *#retrieve(keys: readonly string[]): AsyncGenerator<readonly Entity[]> {
		for (let at = 0; at < keys.length; at += SLICE) {
			const slice = keys.slice(at, at + SLICE);
			for await (const found of this.#client.retrieve(slice, this.#flags)) {
				if (found.missing.length > 0) throw missing('entity', found.missing);
				yield found.entities;
			}
		}
	}

	*#visit(batch: readonly Entity[], level: number): Generator<Entity> {
		const follows = this.#options.selection.kind !== 'all';
		for (const entity of batch) {
			const { id } = entity;
			if (id === null || isSystemId(id) || !this.exported.add(id)) continue;
			this.hasTextIds ||= !PLAIN_NUMBER.test(id);
			if (follows) this.#follow(entity, id, level);
			yield entity;
		}
	}

	#follow(entity: Entity, id: string, level: number): void {
		const { needed, referenceDepth, backReferences } = this.#options;
		if (backReferences && level === 0) this.#selected.push(this.numbers.of(id));
		const links = linksOf(entity);
		if (needed) {
			if (entity.role === 'RecordType' && entity.name !== null) this.#knownTypes.add(entity.name);
			for (const other of links.needed) this.#queue(other);
			for (const type of links.types) this.#typeNames.add(type);
		}
		if (level < referenceDepth) {
			for (const other of links.references) this.#queue(other);
		}
	}

	#queue(id: string): void {
		if (isSystemId(id)) return;
		// A value that is no number is a name where ids are numbers: it is kept as it is.
		if (!this.hasTextIds && !PLAIN_NUMBER.test(id)) return;
		if (this.#queued.add(id)) this.#next.push(this.numbers.of(id));
	}

	async *#backReferences(): AsyncGenerator<Entity> {
		const selected = this.#selected;
		this.#selected = offsets();
		const running: Array<Promise<Entity[]>> = [];
		for (let at = 0; at < selected.length || running.length > 0;) {
			while (at < selected.length && running.length < PARALLEL_QUERIES) {
				const started = this.#referringTo(this.numbers.id(selected.get(at++)));
				started.catch(() => undefined);
				running.push(started);
			}
			yield* this.#visit((await running.shift()) ?? [], 1);
		}
	}

	async #referringTo(id: string): Promise<Entity[]> {
		const found: Entity[] = [];
		for await (const batch of this.#query(`FIND ENTITY WHICH REFERENCES ${id}`))
			found.push(...batch);
		return found;
	}

	#openTypes(): string[] {
		return [...this.#typeNames].filter((name) => !this.#knownTypes.has(name));
	}

	/** Record types that data types name and nothing else leads to. */
	async *#types(level: number): AsyncGenerator<Entity> {
		for (const name of this.#openTypes()) {
			this.#knownTypes.add(name);
			const isId = PLAIN_NUMBER.test(name);
			if (isId) {
				this.#queue(name);
				continue;
			}
			const named = await this.#client.named(name, this.#flags);
			const types = named.filter(({ role }) => role === 'RecordType');
			const exact = types.filter((type) => type.name === name);
			if (types.length === 0) throw missing('record type', [name]);
			yield* this.#visit(exact.length > 0 ? exact : types, level);
		}
	}
}
