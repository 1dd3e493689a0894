import type { Draft, Reference } from './entity-reader.ts';
import type { EntityStore } from './entity-store.ts';
import { isTemporaryId } from './ids.ts';
import type { Message } from './messages.ts';
import { MESSAGES } from './messages.ts';
import type { Entity, Role } from './model.ts';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

/** An entity of a request on its way into the store. */
export interface Pending {
	readonly draft: Draft;
	/** The version that the request replaces; undefined for an insert. */
	readonly old: Entity | undefined;
	/** Has its final id from the start, the rest as the checks go on. */
	readonly entity: Changing<Entity>;
	readonly messages: Message[];
}

/** What a name or an id stands for inside a request: entities of the request first, then stored ones. */
export class RequestScope {
	readonly #store: EntityStore;
	readonly #byId = new Map<string, Pending>();
	readonly #byTemporaryId = new Map<string, Pending>();
	readonly #byName = new Map<string, Pending[]>();

	constructor(store: EntityStore, pending: readonly Pending[]) {
		this.#store = store;
		for (const one of pending) {
			this.#byId.set(one.entity.id, one);
			const { id, name } = one.draft;
			if (id !== null && isTemporaryId(id)) this.#byTemporaryId.set(id, one);
			if (name === null) continue;
			const key = name.toLowerCase();
			this.#byName.set(key, [...(this.#byName.get(key) ?? []), one]);
		}
	}

	/** By final id: as it will be after the request. */
	entity(id: string): Entity | undefined {
		return this.#byId.get(id)?.entity ?? this.#store.head(id);
	}

	pending(id: string): Pending | undefined {
		return this.#byId.get(id);
	}

	/** The entity a reference means, or the message that says why there is none. */
	find({ id, name }: Reference, roles: readonly Role[]): Entity | Message {
		if (id !== null) return this.#withId(id) ?? MESSAGES.doesNotExist;
		if (name === null) return MESSAGES.doesNotExist;
		const candidates = this.#named(name);
		const fitting = candidates.filter(({ role }) => roles.includes(role));
		const exact = fitting.filter((candidate) => candidate.name === name);
		const [found, ...others] = exact.length > 0 ? exact : fitting;
		if (found === undefined) return MESSAGES.doesNotExist;
		return others.length === 0 ? found : MESSAGES.ambiguous;
	}

	/** Whether `@version` names a version of the entity; '' and '@HEAD' always do. */
	hasVersion(id: string, version: string): boolean {
		if (version === '' || /^@HEAD(~\d+)?$/i.test(version)) return true;
		return this.#store.history(id).some((one) => `@${one.version.id}` === version);
	}

	/** All entities of that name after the request. */
	namesakes(name: string): Entity[] {
		return this.#named(name);
	}

	#withId(id: string): Entity | undefined {
		if (isTemporaryId(id)) return this.#byTemporaryId.get(id)?.entity;
		return this.entity(id);
	}

	#named(name: string): Entity[] {
		const own = (this.#byName.get(name.toLowerCase()) ?? []).map(({ entity }) => entity);
		const stored = this.#store.named(name).filter(({ id }) => !this.#byId.has(id));
		return [...own, ...stored];
	}
}

export function isMessage(found: Entity | Message): found is Message {
	return 'kind' in found;
}
