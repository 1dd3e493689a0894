import { createHash } from 'node:crypto';

import { effectiveDatatype } from './entity-store.ts';
import { isSystemId } from './ids.ts';
import type { Emulator } from './index.ts';
import {
	type AppliedProperty,
	type Datatype,
	type Entity,
	type Value,
	isBuiltIn,
	isReference,
	referencedId,
} from './model.ts';

/** Far enough that entities are told apart by what they refer to, and by what that refers to. */
const ROUNDS = 4;

function digest(text: string): string {
	return createHash('sha256').update(text).digest('base64');
}

/** Describes entities without their ids: references by a digest of what they lead to. */
class Describer {
	readonly #store: Emulator['store'];
	#digests = new Map<string, string>();

	constructor(store: Emulator['store']) {
		this.#store = store;
	}

	/** A description of each entity, in no order. */
	describe(): string[] {
		const all = [...this.#store.heads()].filter(({ id }) => !isSystemId(id));
		for (let round = 0; round < ROUNDS; round++) {
			const next = all.map((entity) => [entity.id, digest(this.#text(entity))] as const);
			this.#digests = new Map(next);
		}
		return all.map((entity) => this.#text(entity));
	}

	#other(id: string): string {
		return isSystemId(id) ? id : (this.#digests.get(id) ?? '');
	}

	#datatype(datatype: Datatype | null): unknown {
		if (datatype === null || isBuiltIn(datatype.base)) return datatype;
		return { ...datatype, base: this.#other(datatype.base) };
	}

	#value(datatype: Datatype | null, value: Value): unknown {
		if (value === null || datatype === null || !isReference(datatype)) return value;
		if (typeof value !== 'string') return value.map((item) => this.#value(datatype, item));
		return this.#other(referencedId(value));
	}

	/** As the server tells it, whether it is said here or at the property itself. */
	#property(property: AppliedProperty): unknown {
		const { id, name, description, unit, importance, value, properties } = property;
		const entity = this.#store.head(id);
		const datatype = effectiveDatatype(property, (one) => this.#store.head(one));
		return [
			...[this.#other(id), name ?? entity?.name, description ?? entity?.description],
			...[unit ?? entity?.unit, importance, this.#datatype(datatype)],
			...[this.#value(datatype, value), properties.map((inner) => this.#property(inner))],
		];
	}

	#text(entity: Entity): string {
		const { role, name, description, datatype, unit, value, query, file } = entity;
		return JSON.stringify([
			...[role, name, description, unit, query, this.#datatype(datatype)],
			...[this.#value(datatype, value), entity.parents.map((id) => this.#other(id)).sort()],
			entity.properties.map((property) => this.#property(property)),
			file && [file.path, file.size, file.checksum, file.isFolder],
		]);
	}
}

/** What one server has and the other has not, as descriptions without ids; empty when they are the same. */
export function contentDifferences(
	left: Pick<Emulator, 'store'>,
	right: Pick<Emulator, 'store'>,
): string[] {
	const [ours, theirs] = [left, right].map(({ store }) => new Describer(store).describe());
	const rest = [...(ours ?? [])];
	const missing: string[] = [];
	for (const text of theirs ?? []) {
		const at = rest.indexOf(text);
		if (at < 0) missing.push(`+ ${text}`);
		else rest.splice(at, 1);
	}
	return [...rest.map((text) => `- ${text}`), ...missing];
}
