import { LEFT_OUT } from './element-cutter.ts';
import {
	type AppliedProperty,
	type Entity,
	MESSAGE_KINDS,
	type Message,
	type MessageKind,
	type Parent,
	ROLES,
	type Role,
	type Value,
	type Version,
} from './model.ts';
import { ValueReader, isNamed } from './parse-value.ts';
import { type Attributes, NO_ATTRIBUTES, type XmlElement, ownText } from './xml-element.ts';

const NONE: readonly never[] = Object.freeze([]);
const ROLE_OF: ReadonlyMap<string, Role> = new Map(ROLES.map((role) => [role.toLowerCase(), role]));
const KIND_OF: ReadonlyMap<string, MessageKind> = new Map(
	MESSAGE_KINDS.map((kind) => [kind.toLowerCase(), kind]),
);

const ENTITY_ATTRIBUTES: ReadonlySet<string> = new Set([
	...['id', 'cuid', 'name', 'description', 'datatype', 'unit', 'path', 'checksum', 'size', 'flag'],
]);
const PROPERTY_ATTRIBUTES: ReadonlySet<string> = new Set([
	...['id', 'name', 'description', 'datatype', 'unit', 'importance', 'flag'],
]);
const PARENT_ATTRIBUTES: ReadonlySet<string> = new Set(['id', 'name', 'description', 'flag']);

function otherAttributes(attributes: Attributes, known: ReadonlySet<string>): Attributes {
	let others: Record<string, string> | undefined;
	for (const name in attributes) {
		if (known.has(name)) continue;
		others ??= Object.create(null) as Record<string, string>;
		others[name] = attributes[name] ?? '';
	}
	return others ?? NO_ATTRIBUTES;
}

/** The message that an element is, or undefined. */
export function parseMessage(element: XmlElement): Message | undefined {
	const kind = KIND_OF.get(element.name) ?? KIND_OF.get(element.name.toLowerCase());
	if (kind === undefined) return undefined;
	const { code, description } = element.attributes;
	return { kind, code: code ?? null, description: description ?? null, text: ownText(element) };
}

/** The role that an element name stands for, or undefined when it is no entity. */
export function roleOf(name: string): Role | undefined {
	return ROLE_OF.get(name.toLowerCase());
}

interface OtherParts {
	readonly messages: readonly Message[];
	readonly children: readonly XmlElement[];
}

const NO_PARTS: OtherParts = { messages: NONE, children: NONE };

/** Children that have no place of their own: messages, and what is kept as it came. */
class Children {
	messages: Message[] | undefined;
	others: XmlElement[] | undefined;

	put(child: XmlElement): void {
		if (child === LEFT_OUT) return;
		const message = parseMessage(child);
		if (message === undefined) (this.others ??= []).push(child);
		else (this.messages ??= []).push(message);
	}

	get parts(): OtherParts {
		return { messages: this.messages ?? NONE, children: this.others ?? NONE };
	}
}

function parseParent({ attributes, children }: XmlElement): Parent {
	const rest = new Children();
	for (const child of children) if (typeof child !== 'string') rest.put(child);
	return {
		id: attributes['id'] ?? null,
		name: attributes['name'] ?? null,
		description: attributes['description'] ?? null,
		flag: attributes['flag'] ?? null,
		...rest.parts,
		attributes: otherAttributes(attributes, PARENT_ATTRIBUTES),
	};
}

function parseProperty(element: XmlElement, owner: string): AppliedProperty {
	const { children } = element;
	const [only] = children;
	// Nearly all are so, and there are ten in each of a million entities.
	if (children.length === 0) return propertyOf(element, null, NONE, NO_PARTS);
	if (children.length === 1 && typeof only === 'string') {
		return propertyOf(element, only, NONE, NO_PARTS);
	}
	return parseFullProperty(element, owner);
}

function parseFullProperty(element: XmlElement, owner: string): AppliedProperty {
	const { attributes } = element;
	const where = `${owner}, property '${attributes['name'] ?? attributes['id'] ?? ''}'`;
	const value = new ValueReader();
	const rest = new Children();
	let properties: AppliedProperty[] | undefined;
	for (const child of element.children) {
		if (typeof child === 'string' || value.take(child, where)) continue;
		if (isNamed(child, 'Property')) (properties ??= []).push(parseProperty(child, where));
		else rest.put(child);
	}
	return propertyOf(element, value.end(element, where), properties ?? NONE, rest.parts);
}

function propertyOf(
	{ attributes }: XmlElement,
	value: Value,
	properties: readonly AppliedProperty[],
	{ messages, children }: OtherParts,
): AppliedProperty {
	return {
		id: attributes['id'] ?? null,
		name: attributes['name'] ?? null,
		description: attributes['description'] ?? null,
		datatype: attributes['datatype'] ?? null,
		unit: attributes['unit'] ?? null,
		importance: attributes['importance'] ?? null,
		flag: attributes['flag'] ?? null,
		value,
		properties,
		messages,
		children,
		attributes: otherAttributes(attributes, PROPERTY_ATTRIBUTES),
	};
}

export function parseVersion({ attributes, children }: XmlElement): Version {
	const predecessors: Version[] = [];
	const successors: Version[] = [];
	for (const child of children) {
		if (typeof child === 'string') continue;
		if (isNamed(child, 'Predecessor')) predecessors.push(parseVersion(child));
		if (isNamed(child, 'Successor')) successors.push(parseVersion(child));
	}
	return {
		id: attributes['id'] ?? null,
		date: attributes['date'] ?? null,
		username: attributes['username'] ?? null,
		realm: attributes['realm'] ?? null,
		head: attributes['head'] ?? null,
		completeHistory: attributes['completeHistory'] ?? null,
		predecessors,
		successors,
	};
}

/** What an entity is made of beside its attributes. */
class EntityParts {
	parents: Parent[] | undefined;
	properties: AppliedProperty[] | undefined;
	version: Version | null = null;
	acl: XmlElement | null = null;
	state: XmlElement | null = null;
	query: string | null = null;
	readonly rest = new Children();
	readonly #where: string;
	readonly #role: Role;

	constructor(role: Role, where: string) {
		this.#role = role;
		this.#where = where;
	}

	put(child: XmlElement): void {
		if (isNamed(child, 'Property')) {
			(this.properties ??= []).push(parseProperty(child, this.#where));
		} else if (isNamed(child, 'Parent')) (this.parents ??= []).push(parseParent(child));
		else if (isNamed(child, 'Version') && this.version === null) this.version = parseVersion(child);
		else if (child.name === 'EntityACL' && this.acl === null) this.acl = child;
		else if (isNamed(child, 'State') && this.state === null) this.state = child;
		else if (this.#isQuery(child)) this.query = ownText(child);
		else this.rest.put(child);
	}

	#isQuery(child: XmlElement): boolean {
		return this.#role === 'QueryTemplate' && this.query === null && isNamed(child, 'Query');
	}
}

/**
 * The entity that an element is, or undefined when its name is no role. Throws `xml_invalid` for a value that
 * can be understood in two ways.
 */
export function parseEntity(element: XmlElement): Entity | undefined {
	const role = roleOf(element.name);
	if (role === undefined) return undefined;
	const { attributes } = element;
	const where = `${role} ${attributes['name'] ?? attributes['id'] ?? 'without name'}`;
	const value = role === 'Property' ? new ValueReader() : undefined;
	const parts = new EntityParts(role, where);
	for (const child of element.children) {
		if (typeof child !== 'string' && value?.take(child, where) !== true) parts.put(child);
	}
	const { parents, properties, version, acl, state, query, rest } = parts;
	return {
		role,
		id: attributes['id'] ?? null,
		cuid: attributes['cuid'] ?? null,
		name: attributes['name'] ?? null,
		description: attributes['description'] ?? null,
		datatype: attributes['datatype'] ?? null,
		unit: attributes['unit'] ?? null,
		path: attributes['path'] ?? null,
		checksum: attributes['checksum'] ?? null,
		size: attributes['size'] ?? null,
		flag: attributes['flag'] ?? null,
		value: value?.end(element, where) ?? null,
		query,
		parents: parents ?? NONE,
		properties: properties ?? NONE,
		...{ version, acl, state },
		...rest.parts,
		attributes: otherAttributes(attributes, ENTITY_ATTRIBUTES),
	};
}
