import { type Actor, ENTITY_PERMISSIONS, aclElement, isPermitted } from './acl.ts';
import { versionElement } from './versions.ts';
import {
	type AppliedProperty,
	type Datatype,
	type Entity,
	type Value,
	isBuiltIn,
} from './model.ts';
import type { ServerState } from './server-state.ts';
import { ownsEntity } from './transactions.ts';
import { type XmlElement, element } from './xml-node.ts';
import { writtenOnce } from './xml-writer.ts';

export interface AnswerOptions {
	readonly actor: Actor;
	/** Flag `ACL`. */
	readonly withAcl: boolean;
	/** Flag `H`. */
	readonly withHistory: boolean;
}

function datatypeText({ base, isList }: Datatype, { store }: ServerState): string {
	const name = isBuiltIn(base) ? base : (store.head(base)?.name ?? base);
	return isList ? `LIST<${name}>` : name;
}

function valueChildren(value: Value): Array<XmlElement | string> {
	if (value === null) return [];
	if (value === '') return [element('EmptyString')];
	if (typeof value === 'string') return [value];
	return value.map((item) => element('Value', {}, valueChildren(item)));
}

function propertyElement(property: AppliedProperty, state: ServerState): XmlElement {
	const entity = state.store.head(property.id);
	const isType = entity?.role === 'RecordType';
	const own = isType ? { base: entity.id, isList: false } : (entity?.datatype ?? null);
	const datatype = property.datatype ?? own;
	return element(
		'Property',
		{
			id: property.id,
			name: property.name ?? entity?.name,
			description: property.description ?? entity?.description,
			datatype: datatype === null ? null : datatypeText(datatype, state),
			unit: property.unit ?? entity?.unit,
			importance: property.importance,
		},
		[
			...valueChildren(property.value),
			...property.properties.map((inner) => propertyElement(inner, state)),
		],
	);
}

function parentElement(id: string, { store }: ServerState): XmlElement {
	const parent = store.head(id);
	return element('Parent', { id, name: parent?.name, description: parent?.description });
}

const EMPTY_PERMISSIONS = writtenOnce(element('Permissions'));
/** By who asks and what rules decide: most entities have none of their own. */
const permissionElements = new Map<string, XmlElement>();

function permissionsElement(entity: Entity, state: ServerState, actor: Actor): XmlElement {
	if (!state.settings.listPermissions) return EMPTY_PERMISSIONS;
	const isOwner = ownsEntity(state, entity, actor);
	const key = JSON.stringify([actor, isOwner, state.globalAcl, entity.acl]);
	const known = permissionElements.get(key);
	if (known !== undefined) return known;
	const rules = [...state.globalAcl, ...entity.acl];
	const allowed = ENTITY_PERMISSIONS.filter(([permission]) =>
		isPermitted(rules, permission, { actor, isOwner }),
	);
	const made = element(
		'Permissions',
		{},
		allowed.map(([name, description]) => element('Permission', { name, description })),
	);
	permissionElements.set(key, writtenOnce(made));
	return made;
}

function aclOf(entity: Entity, { globalAcl, settings }: ServerState): XmlElement {
	return aclElement(settings.mergeGlobalAcl ? [...globalAcl, ...entity.acl] : entity.acl);
}

/** A version of an entity as the server answers it. */
export function entityElement(
	entity: Entity,
	state: ServerState,
	{ actor, withAcl, withHistory }: AnswerOptions,
): XmlElement {
	const { file, datatype } = entity;
	return element(
		entity.role,
		{
			id: entity.id,
			name: entity.name,
			description: entity.description,
			datatype: datatype === null ? null : datatypeText(datatype, state),
			path: file?.path,
			checksum: file?.checksum,
			size: file?.size,
			unit: entity.unit,
		},
		[
			...valueChildren(entity.value),
			versionElement(entity, state.store.history(entity.id), {
				isComplete: withHistory,
				utcOffset: state.settings.utcOffset,
			}),
			permissionsElement(entity, state, actor),
			...entity.parents.map((parent) => parentElement(parent, state)),
			...entity.properties.map((property) => propertyElement(property, state)),
			...(entity.query === null ? [] : [element('Query', {}, [entity.query])]),
			...(withAcl ? [aclOf(entity, state)] : []),
		],
	);
}
