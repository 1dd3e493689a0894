import type { Draft, DraftProperty } from './entity-reader.ts';
import { effectiveDatatype } from './entity-store.ts';
import { readImportance } from './inheritance.ts';
import { MESSAGES, type Message, messageElement, unspecific } from './messages.ts';
import {
	type AppliedProperty,
	type Datatype,
	type Entity,
	type Role,
	ROLES,
	isBuiltIn,
	splitDatatype,
} from './model.ts';
import { type Pending, type RequestScope, isMessage } from './request-scope.ts';
import { ValueError, checkValue } from './values.ts';
import type { XmlElement } from './xml-node.ts';

/** The role that the element's name says; `Entity` leaves it open. */
export function readRole(draft: Draft, old: Entity | undefined): Role | undefined {
	const said = ROLES.find((role) => role.toLowerCase() === draft.role.toLowerCase());
	return said ?? (draft.role.toLowerCase() === 'entity' ? old?.role : undefined);
}

/** Says once on the entity what is wrong with its properties or parents, and on each of them what. */
function complain(on: XmlElement, message: Message, about: Pending, summary: Message): void {
	on.children.push(messageElement(message));
	if (!about.messages.includes(summary)) about.messages.push(summary);
}

export function resolveParents(one: Pending, scope: RequestScope): void {
	const { draft, entity } = one;
	const roles: readonly Role[] = entity.role === 'Property' ? ['Property'] : ['RecordType'];
	const parents: string[] = [];
	for (const parent of draft.parents) {
		const found = scope.find(parent, roles);
		if (isMessage(found)) {
			complain(parent.element, found, one, MESSAGES.unqualifiedParents);
		} else if (found.id === entity.id) {
			const message = unspecific('An entity cannot be its own parent.');
			complain(parent.element, message, one, MESSAGES.unqualifiedParents);
		} else if (!parents.includes(found.id)) parents.push(found.id);
	}
	entity.parents = parents;
}

function resolveDatatype(text: string, scope: RequestScope): Datatype | Message {
	const { base, isList } = splitDatatype(text);
	if (isBuiltIn(base.toUpperCase())) return { base: base.toUpperCase(), isList };
	const byId = scope.find({ id: base, name: null }, []);
	const found = isMessage(byId) ? scope.find({ id: null, name: base }, ['RecordType']) : byId;
	return isMessage(found) ? unspecific(`Unknown data type "${base}".`) : { base: found.id, isList };
}

/** The datatype of a Property entity: its own, else that of its first parent that has one. */
export function resolveOwnDatatype(one: Pending, scope: RequestScope): void {
	const { draft, entity } = one;
	if (entity.role !== 'Property') return;
	if (draft.datatype !== null) {
		const found = resolveDatatype(draft.datatype, scope);
		if ('kind' in found) one.messages.push(found);
		else entity.datatype = found;
		return;
	}
	const inherited = entity.parents.map((parent) => scope.entity(parent)?.datatype ?? null);
	entity.datatype = inherited.find((datatype) => datatype !== null) ?? null;
	if (entity.datatype === null) one.messages.push(MESSAGES.noDatatype);
}

function resolveProperty(
	draft: DraftProperty,
	one: Pending,
	scope: RequestScope,
): AppliedProperty | undefined {
	const refuse = (message: Message): undefined => {
		complain(draft.element, message, one, MESSAGES.unqualifiedProperties);
	};
	const found = scope.find(draft, ['Property', 'RecordType']);
	if (isMessage(found)) return refuse(found);
	const datatype = draft.datatype === null ? null : resolveDatatype(draft.datatype, scope);
	if (datatype !== null && 'kind' in datatype) return refuse(datatype);
	const isRecord = one.entity.role === 'Record' || one.entity.role === 'File';
	const overridden = <T>(own: T | null, original: T | null): T | null =>
		JSON.stringify(own) === JSON.stringify(original) ? null : own;
	const original: Datatype | null =
		found.role === 'RecordType' ? { base: found.id, isList: false } : found.datatype;
	return {
		id: found.id,
		name: overridden(draft.name, found.name),
		description: overridden(draft.description, found.description),
		datatype: overridden(datatype, original),
		unit: overridden(draft.unit, found.unit),
		importance: readImportance(draft.importance, isRecord),
		value: draft.value,
		properties: draft.properties.flatMap((inner) => resolveProperty(inner, one, scope) ?? []),
	};
}

export function resolveProperties(one: Pending, scope: RequestScope): void {
	one.entity.properties = one.draft.properties.flatMap(
		(draft) => resolveProperty(draft, one, scope) ?? [],
	);
}

/** The sent element of each property, those inside properties included, in the order of the model. */
function elementsOf(drafts: readonly DraftProperty[], scope: RequestScope): DraftProperty[] {
	return drafts.filter((draft) => !isMessage(scope.find(draft, ['Property', 'RecordType'])));
}

/** Values last: they may refer to any entity of the request, and need its parents. */
export function checkValues(one: Pending, scope: RequestScope): void {
	const entityOf = (id: string): Entity | undefined => scope.entity(id);
	const check = (property: AppliedProperty, draft: DraftProperty | undefined): AppliedProperty => {
		const on = draft?.element ?? one.draft.element;
		const refuse = (message: Message): AppliedProperty => {
			complain(on, message, one, MESSAGES.unqualifiedProperties);
			return property;
		};
		const datatype = effectiveDatatype(property, entityOf);
		if (datatype === null) return refuse(MESSAGES.noDatatype);
		const inner = elementsOf(draft?.properties ?? [], scope);
		const properties = property.properties.map((one, index) => check(one, inner[index]));
		try {
			return { ...property, properties, value: checkValue(property.value, datatype, scope) };
		} catch (error) {
			if (error instanceof ValueError) return refuse(error.told);
			throw error;
		}
	};
	const drafts = elementsOf(one.draft.properties, scope);
	one.entity.properties = one.entity.properties.map((property, index) =>
		check(property, drafts[index]),
	);
	const { datatype, value } = one.entity;
	if (datatype === null || value === null) return;
	try {
		one.entity.value = checkValue(value, datatype, scope);
	} catch (error) {
		if (!(error instanceof ValueError)) throw error;
		one.messages.push(error.told);
	}
}
