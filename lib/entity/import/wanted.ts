import type { KnownPair } from './pair.ts';
import type { SourceEntities } from './source.ts';
import type { Entity, Role } from '../model.ts';

/** An entity of the source that is looked for on the target. It is read from the disk when it is looked at. */
export class Wanted {
	readonly index: number;
	/** What earlier imports know of it. */
	readonly known: KnownPair | undefined;
	readonly #source: SourceEntities;
	#entity: Entity | undefined;

	constructor(source: SourceEntities, index: number, known: KnownPair | undefined) {
		this.#source = source;
		this.index = index;
		this.known = known;
	}

	get role(): Role {
		return this.#source.role(this.index);
	}

	get name(): string | null {
		return this.#source.name(this.index);
	}

	/** Most entities of a first import are decided without. */
	get entity(): Entity {
		this.#entity ??= this.#source.entity(this.index);
		return this.#entity;
	}
}
