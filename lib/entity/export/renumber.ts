import { EngineError } from '../../core/index.ts';
import { isReferenceType, recordTypeOf, splitReference, withBase } from '../datatypes.ts';
import { entityLabel, isSystemId } from '../entity-id.ts';
import type { AppliedProperty, Entity, Parent, Value } from '../model.ts';
import { type Attributes, NO_ATTRIBUTES } from '../xml-element.ts';
import type { IdNumbers } from '../import/id-numbers.ts';
import { IdSet } from './id-set.ts';
import type { ExportOptions } from './options.ts';

const PLAIN_NUMBER = /^\d+$/;
/** Temporary ids of texts begin here: above all numbers in use, and still what 32 bits hold. */
const FIRST_FOR_TEXTS = 1_000_000_001;
const NONE: readonly never[] = [];

function withoutMark(attributes: Attributes): Attributes {
	if (attributes['cuid'] === undefined) return attributes;
	const others = Object.entries(attributes).filter(([name]) => name !== 'cuid');
	return others.length === 0 ? NO_ATTRIBUTES : Object.fromEntries(others);
}

/**
 * Entities as an export has them: without what a server said about a request, and with temporary ids if
 * wanted. Ids below 100 are the same on every server and stay.
 */
export class Renumbering {
	/** Ids that values, parents and properties refer to. */
	readonly referenced: IdSet;
	/** References to one version of an entity, and by name. */
	versioned = 0;
	named = 0;
	readonly #options: Pick<ExportOptions, 'ids' | 'acl' | 'state' | 'versions'>;
	readonly #numbers: IdNumbers;
	readonly #hasTextIds: () => boolean;

	constructor(
		options: Pick<ExportOptions, 'ids' | 'acl' | 'state' | 'versions'>,
		numbers: IdNumbers,
		hasTextIds: () => boolean,
	) {
		this.#options = options;
		this.#numbers = numbers;
		this.referenced = new IdSet(numbers);
		this.#hasTextIds = hasTextIds;
	}

	/** Throws `entity_unwritable` for a value of which nobody knows whether it is a reference. */
	entity(entity: Entity): Entity {
		const { acl, state, versions } = this.#options;
		const where = entityLabel(entity);
		return {
			...entity,
			id: this.#id(entity.id),
			cuid: null,
			datatype: this.#datatype(entity.datatype),
			value: this.#value(entity.datatype, entity.value, where),
			parents: entity.parents.map((parent) => this.#parent(parent)),
			properties: entity.properties.map((property) => this.#property(property, where)),
			version: versions ? entity.version : null,
			acl: acl ? entity.acl : null,
			state: state ? entity.state : null,
			messages: NONE,
		};
	}

	#parent(parent: Parent): Parent {
		return {
			...parent,
			id: this.#link(parent.id),
			messages: NONE,
			attributes: withoutMark(parent.attributes),
		};
	}

	#property(property: AppliedProperty, owner: string): AppliedProperty {
		const where = `${owner}, property '${property.name ?? property.id ?? ''}'`;
		const { children, properties } = property;
		return {
			...property,
			id: this.#link(property.id),
			datatype: this.#datatype(property.datatype),
			value: this.#value(property.datatype, property.value, where),
			properties:
				properties.length === 0 ? NONE : properties.map((inner) => this.#property(inner, where)),
			messages: NONE,
			attributes: withoutMark(property.attributes),
			// The version of the property's definition is told there.
			children: children.length === 0 ? NONE : children.filter(({ name }) => name !== 'Version'),
		};
	}

	#link(id: string | null): string | null {
		if (id !== null && !isSystemId(id)) this.referenced.add(id);
		return this.#id(id);
	}

	#id(id: string | null): string | null {
		if (id === null || this.#options.ids === 'keep' || isSystemId(id)) return id;
		if (PLAIN_NUMBER.test(id)) return `-${id}`;
		const before = this.#numbers.textsBefore(id);
		// Only a temporary id is a number and not a plain one.
		return before < 0 ? id : `-${FIRST_FOR_TEXTS + before}`;
	}

	#datatype(datatype: string | null): string | null {
		const type = recordTypeOf(datatype);
		if (datatype === null || type === null || !PLAIN_NUMBER.test(type)) return datatype;
		return withBase(datatype, this.#link(type) ?? type);
	}

	#value(datatype: string | null, value: Value, where: string): Value {
		if (value === null || value === '') return value;
		if (datatype === null) return this.#untyped(value, where);
		if (!isReferenceType(datatype)) return value;
		if (typeof value === 'string') return this.#reference(value);
		return value.map((item) => (item === null || item === '' ? item : this.#reference(item)));
	}

	#untyped(value: Value, where: string): Value {
		if (this.#options.ids === 'keep') return value;
		throw new EngineError('entity_unwritable', `${where} has a value but no data type`, {
			remedy: "Nobody can tell whether it is a reference. Export with the server's own ids.",
		});
	}

	#reference(text: string): string {
		const { id, version } = splitReference(text.trim());
		if (!this.#hasTextIds() && !PLAIN_NUMBER.test(id)) {
			this.named++;
			return text;
		}
		if (version !== null) this.versioned++;
		const mapped = this.#link(id) ?? id;
		if (this.#options.ids === 'keep') return text;
		return version === null ? mapped : `${mapped}@${version}`;
	}
}
