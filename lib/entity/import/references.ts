import { isReferenceType, recordTypeOf, splitReference } from '../datatypes.ts';
import type { AppliedProperty, Entity, Value } from '../model.ts';

/** What an entity says about another one, by id or by name. */
export interface Mention {
	readonly kind: 'parent' | 'property' | 'datatype' | 'value';
	readonly id: string | null;
	readonly name: string | null;
	/** Of a reference to one version of the other. */
	readonly version: string | null;
}

function* mentionedByType(datatype: string | null): Generator<Mention> {
	const base = recordTypeOf(datatype);
	if (base !== null) yield { kind: 'datatype', id: base, name: base, version: null };
}

function* mentionedByValue(value: Value, datatype: string | null): Generator<Mention> {
	if (value === null || !isReferenceType(datatype)) return;
	for (const item of typeof value === 'string' ? [value] : value) {
		if (item === null || item === '') continue;
		const { id, version } = splitReference(item);
		yield { kind: 'value', id, name: version === null ? item : null, version };
	}
}

/** The data type of a property that does not say its own. */
export type TypeOf = (property: AppliedProperty) => string | null;

function* mentionedByProperty(property: AppliedProperty, typeOf: TypeOf): Generator<Mention> {
	const { id, name, datatype, value, properties } = property;
	yield { kind: 'property', id, name, version: null };
	yield* mentionedByType(datatype);
	yield* mentionedByValue(value, datatype ?? typeOf(property));
	for (const inner of properties) yield* mentionedByProperty(inner, typeOf);
}

function* valuesOf(property: AppliedProperty, typeOf: TypeOf): Generator<Mention> {
	const { datatype, value, properties } = property;
	yield* mentionedByValue(value, datatype ?? typeOf(property));
	for (const inner of properties) yield* valuesOf(inner, typeOf);
}

/** Those of `mentions` that values make. */
export function* valueMentions(entity: Entity, typeOf: TypeOf): Generator<Mention> {
	yield* mentionedByValue(entity.value, entity.datatype);
	for (const property of entity.properties) yield* valuesOf(property, typeOf);
}

/** All that must be there before the entity, or come with it. */
export function* mentions(entity: Entity, typeOf: TypeOf): Generator<Mention> {
	for (const { id, name } of entity.parents) yield { kind: 'parent', id, name, version: null };
	yield* mentionedByType(entity.datatype);
	yield* mentionedByValue(entity.value, entity.datatype);
	for (const property of entity.properties) yield* mentionedByProperty(property, typeOf);
}
