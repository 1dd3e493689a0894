import { isReferenceType, recordTypeOf, splitReference } from '../datatypes.ts';
import type { AppliedProperty, Entity, Value } from '../model.ts';

/** What an entity leads to. */
export interface EntityLinks {
	/** Ids of parents and of properties' definitions. */
	readonly needed: readonly string[];
	/** Names (or ids) of record types used as data types. */
	readonly types: readonly string[];
	/** Ids in values, without their versions. */
	readonly references: readonly string[];
}

/** The items of a value that name something. */
export function referencesIn(value: Value): readonly string[] {
	if (value === null || value === '') return [];
	if (typeof value === 'string') return [value];
	return value.filter((item) => item !== null && item !== '') as readonly string[];
}

class Links implements EntityLinks {
	readonly needed: string[] = [];
	readonly types: string[] = [];
	readonly references: string[] = [];

	value(datatype: string | null, value: Value): void {
		const type = recordTypeOf(datatype);
		if (type !== null) this.types.push(type);
		if (value === null || !isReferenceType(datatype)) return;
		for (const text of referencesIn(value)) this.references.push(splitReference(text.trim()).id);
	}

	property(property: AppliedProperty): void {
		if (property.id !== null) this.needed.push(property.id);
		this.value(property.datatype, property.value);
		for (const inner of property.properties) this.property(inner);
	}
}

export function linksOf(entity: Entity): EntityLinks {
	const links = new Links();
	for (const { id } of entity.parents) if (id !== null) links.needed.push(id);
	links.value(entity.datatype, entity.value);
	for (const property of entity.properties) links.property(property);
	return links;
}
