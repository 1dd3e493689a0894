import type { AclRule, Entity } from './model.ts';
import { type XmlElement, attribute, childElements, element } from './xml-node.ts';

/** Who asks: a user with roles; anonymous has the role of that name only. */
export interface Actor {
	readonly username: string;
	readonly realm: string;
	readonly roles: readonly string[];
}

const TRUE_WORDS = ['true', '1', 'yes', 'y'];

export const ENTITY_PERMISSIONS: ReadonlyArray<readonly [name: string, description: string]> = [
	['RETRIEVE:ENTITY', 'Permission to retrieve the full entity'],
	['RETRIEVE:ACL', 'Permission to retrieve the full and final ACL'],
	['RETRIEVE:HISTORY', 'Permission to retrieve the history'],
	['RETRIEVE:OWNER', 'Permission to retrieve the owner'],
	['RETRIEVE:FILE', 'Permission to download the file'],
	['DELETE', 'Permission to delete the entity'],
	['EDIT:ACL', 'Permission to change the ACL'],
	['UPDATE:DESCRIPTION', 'Permission to change the description'],
	['UPDATE:VALUE', 'Permission to change the value'],
	['UPDATE:ROLE', 'Permission to change the role'],
	['UPDATE:PARENT:ADD', 'Permission to add a parent'],
	['UPDATE:PARENT:REMOVE', 'Permission to remove a parent'],
	['UPDATE:PROPERTY:ADD', 'Permission to add a property'],
	['UPDATE:PROPERTY:REMOVE', 'Permission to remove a property'],
	['UPDATE:NAME', 'Permission to change the name'],
	['UPDATE:DATA_TYPE', 'Permission to change the data type'],
	['UPDATE:FILE:ADD', 'Permission to add a file'],
	['UPDATE:FILE:REMOVE', 'Permission to remove the file'],
	['UPDATE:FILE:MOVE', 'Permission to move the file'],
	['UPDATE:QUERY_TEMPLATE_DEFINITION', 'Permission to change the query'],
	['USE:AS_REFERENCE', 'Permission to refer to the entity'],
	['USE:AS_PROPERTY', 'Permission to use the entity as a property'],
	['USE:AS_PARENT', 'Permission to use the entity as a parent'],
	['USE:AS_DATA_TYPE', 'Permission to use the entity as a data type'],
];

export function readAcl(from: XmlElement): AclRule[] {
	return childElements(from).flatMap((rule) => {
		if (rule.name !== 'Grant' && rule.name !== 'Deny') return [];
		const kind = rule.name;
		return childElements(rule, 'Permission').map((permission) => ({
			kind,
			isPriority: TRUE_WORDS.includes((attribute(rule, 'priority') ?? '').toLowerCase()),
			role: attribute(rule, 'role'),
			username: attribute(rule, 'username'),
			realm: attribute(rule, 'realm'),
			permission: attribute(permission, 'name') ?? '',
		}));
	});
}

export function aclElement(rules: readonly AclRule[]): XmlElement {
	const elements = rules.map(({ kind, isPriority, role, username, realm, permission }) =>
		element(kind, { priority: isPriority ? 'True' : 'False', role, username, realm }, [
			element('Permission', { name: permission }),
		]),
	);
	return element('EntityACL', {}, elements);
}

/** Whether a rule for `pattern` covers `permission`: `UPDATE:*` covers all that begins with `UPDATE:`. */
export function covers(pattern: string, permission: string): boolean {
	if (!pattern.endsWith('*')) return pattern === permission;
	return permission.startsWith(pattern.slice(0, -1));
}

function concerns(rule: AclRule, actor: Actor, isOwner: boolean): boolean {
	if (rule.username !== null) {
		return rule.username === actor.username && (rule.realm === null || rule.realm === actor.realm);
	}
	if (rule.role === '?OWNER?') return isOwner;
	return rule.role === '?OTHER?' || (rule.role !== null && actor.roles.includes(rule.role));
}

/** What the rules of an entity and of all entities together allow: ((G − D) ∪ priority G) − priority D. */
export function isPermitted(
	rules: readonly AclRule[],
	permission: string,
	{ actor, isOwner }: { readonly actor: Actor; readonly isOwner: boolean },
): boolean {
	const decides = (kind: AclRule['kind'], isPriority: boolean): boolean =>
		rules.some(
			(rule) =>
				rule.kind === kind &&
				rule.isPriority === isPriority &&
				covers(rule.permission, permission) &&
				concerns(rule, actor, isOwner),
		);
	if (decides('Deny', true)) return false;
	if (decides('Grant', true)) return true;
	return decides('Grant', false) && !decides('Deny', false);
}

/** Everybody may do everything, and the owner may change the rules: the official demo's setting. */
export const GLOBAL_ACL: readonly AclRule[] = ['?OWNER?', '?OTHER?'].map((role) => ({
	kind: 'Grant',
	isPriority: false,
	role,
	username: null,
	realm: null,
	permission: '*',
}));

/** The permissions that changing `old` into `changed` needs. */
export function neededForUpdate(old: Entity, changed: Entity): string[] {
	const differs = (select: (entity: Entity) => unknown): boolean =>
		JSON.stringify(select(old)) !== JSON.stringify(select(changed));
	const isIn = (list: readonly unknown[], item: unknown): boolean =>
		list.some((other) => JSON.stringify(other) === JSON.stringify(item));
	const lost = (select: (entity: Entity) => readonly unknown[]): boolean =>
		select(old).some((item) => !isIn(select(changed), item));
	const gained = (select: (entity: Entity) => readonly unknown[]): boolean =>
		select(changed).some((item) => !isIn(select(old), item));
	const needed: Array<[string, boolean]> = [
		['UPDATE:NAME', differs(({ name }) => name)],
		['UPDATE:DESCRIPTION', differs(({ description }) => description)],
		['UPDATE:VALUE', differs(({ value }) => value)],
		['UPDATE:DATA_TYPE', differs(({ datatype, unit }) => [datatype, unit])],
		['UPDATE:PARENT:ADD', gained(({ parents }) => parents)],
		['UPDATE:PARENT:REMOVE', lost(({ parents }) => parents)],
		['UPDATE:PROPERTY:ADD', gained(({ properties }) => properties)],
		['UPDATE:PROPERTY:REMOVE', lost(({ properties }) => properties)],
		['UPDATE:FILE:ADD', differs(({ file }) => file?.checksum)],
		['UPDATE:FILE:MOVE', differs(({ file }) => file?.path)],
		['UPDATE:QUERY_TEMPLATE_DEFINITION', differs(({ query }) => query)],
		['EDIT:ACL', differs(({ acl }) => acl)],
	];
	return needed.filter(([, isNeeded]) => isNeeded).map(([permission]) => permission);
}
