import { isReferenceType, recordTypeOf, splitReference, withBase } from '../datatypes.ts';
import { isSystemId, isTemporaryId } from '../entity-id.ts';
import type { TypeOf } from './references.ts';
import { type AppliedProperty, type Entity, type Parent, type Value, newParent } from '../model.ts';
import { NO_ATTRIBUTES } from '../xml-element.ts';

const NONE: readonly never[] = Object.freeze([]);

/** What the target calls what the source mentions. */
export interface IdResolver {
	readonly typeOf: TypeOf;
	/** The target's id, a temporary one of the same request, or undefined when neither is known. */
	id(source: string): string | undefined;
	/** The target's version that came of this one of the source. */
	version(source: string, version: string): string | undefined;
	/** Name of the RecordType that a data type names by its id. */
	typeName(source: string): string | undefined;
	/** Versions that the target does not have: an error, or the newest instead. */
	readonly otherVersions: 'fail' | 'newest';
}

export interface Rewritten {
	readonly entity: Entity;
	/** What could not be said in the target's ids, one sentence each. */
	readonly problems: readonly string[];
}

/** A server's own entity, also with the sign that some tools give it. */
function systemId(id: string): string | undefined {
	const plain = isTemporaryId(id) ? id.slice(1) : id;
	return isSystemId(plain) ? plain : undefined;
}

function looksLikeId(text: string): boolean {
	return /^-?\d+$/.test(text);
}

class Rewriting {
	readonly problems: string[] = [];
	readonly #resolver: IdResolver;

	constructor(resolver: IdResolver) {
		this.#resolver = resolver;
	}

	entity(entity: Entity, id: string | null): Entity {
		const { datatype, value, parents, properties } = entity;
		return {
			role: entity.role,
			id,
			cuid: null,
			name: entity.name,
			description: entity.description,
			datatype: this.#datatype(datatype),
			unit: entity.unit,
			path: entity.path,
			checksum: entity.checksum,
			size: entity.size,
			flag: null,
			value: this.#value(value, datatype, 'its value'),
			parents: parents.map((parent) => this.#parent(parent)),
			properties: properties.map((property) => this.#property(property)),
			query: entity.query,
			version: null,
			acl: entity.acl,
			state: entity.state,
			messages: entity.messages,
			attributes: entity.attributes,
			children: entity.children,
		};
	}

	/** Without inheritance: what the type had at the source stands in the entity already. */
	#parent({ id, name }: Parent): Parent {
		const target = id === null ? undefined : this.#id(id);
		if (target !== undefined) return newParent({ id: target });
		if (name !== null) return newParent({ name });
		this.problems.push(`its parent ${id ?? ''} is neither in the file nor known from earlier`);
		return newParent({ id });
	}

	#property(property: AppliedProperty): AppliedProperty {
		const { id, name, datatype, value, properties } = property;
		const target = id === null ? undefined : this.#id(id);
		const label = `property '${name ?? id ?? ''}'`;
		if (target === undefined && name === null) {
			this.problems.push(`its ${label} is neither in the file nor known from earlier`);
		}
		return {
			id: target ?? null,
			name,
			description: property.description,
			datatype: this.#datatype(datatype),
			unit: property.unit,
			importance: property.importance,
			flag: null,
			value: this.#value(value, datatype ?? this.#resolver.typeOf(property), label),
			properties: properties.length === 0 ? NONE : properties.map((inner) => this.#property(inner)),
			messages: NONE,
			attributes: NO_ATTRIBUTES,
			children: NONE,
		};
	}

	#id(id: string): string | undefined {
		return this.#resolver.id(id) ?? systemId(id);
	}

	#datatype(datatype: string | null): string | null {
		const base = recordTypeOf(datatype);
		const name = base === null ? undefined : this.#resolver.typeName(base);
		return datatype === null || name === undefined ? datatype : withBase(datatype, name);
	}

	#value(value: Value, datatype: string | null, where: string): Value {
		if (value === null || !isReferenceType(datatype)) return value;
		if (typeof value === 'string') return this.#reference(value, where);
		return value.map((item) => (item === null ? null : this.#reference(item, where)));
	}

	#reference(text: string, where: string): string {
		if (text === '') return text;
		const { id, version } = splitReference(text);
		const target = this.#id(id);
		if (target === undefined) {
			// What is no id is a name, and the server finds what it means.
			if (version === null && !looksLikeId(text)) return text;
			this.problems.push(
				`${where} refers to ${text}, which is neither in the file nor known from earlier`,
			);
			return text;
		}
		if (version === null) return target;
		if (/^HEAD\b/.test(version)) return `${target}@${version}`;
		const targetVersion = this.#resolver.version(id, version);
		if (targetVersion !== undefined) return `${target}@${targetVersion}`;
		if (this.#resolver.otherVersions === 'newest') return target;
		this.problems.push(`${where} refers to ${text}, a version that the target does not have`);
		return text;
	}
}

/** The entity as the target is to have it, with `id` as its own. */
export function rewriteEntity(entity: Entity, id: string | null, resolver: IdResolver): Rewritten {
	const rewriting = new Rewriting(resolver);
	const rewritten = rewriting.entity(entity, id);
	return { entity: rewritten, problems: rewriting.problems };
}
