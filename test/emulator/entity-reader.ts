import { type XmlElement, attribute, childElements, ownText } from './xml-node.ts';
import { readAcl } from './acl.ts';
import type { AclRule, Value } from './model.ts';

/** How a request names an entity: by id (maybe a temporary one), by name, or by both. */
export interface Reference {
	readonly id: string | null;
	readonly name: string | null;
}

export interface DraftParent extends Reference {
	readonly element: XmlElement;
	/** Least importance of the properties to be inherited; null is none. */
	readonly inheritance: string | null;
}

export interface DraftProperty extends Reference {
	readonly element: XmlElement;
	readonly description: string | null;
	readonly datatype: string | null;
	readonly unit: string | null;
	readonly importance: string | null;
	readonly value: Value;
	readonly properties: readonly DraftProperty[];
}

/** An entity as a client sent it. */
export interface Draft extends Reference {
	readonly element: XmlElement;
	readonly role: string;
	readonly cuid: string | null;
	readonly description: string | null;
	readonly datatype: string | null;
	readonly unit: string | null;
	readonly value: Value;
	readonly flags: ReadonlyMap<string, string>;
	readonly parents: readonly DraftParent[];
	readonly properties: readonly DraftProperty[];
	readonly path: string | null;
	readonly checksum: string | null;
	/** Links the File to its parts of a multipart request. */
	readonly upload: string | null;
	readonly query: string | null;
	/** null: the request does not speak of permissions. */
	readonly acl: readonly AclRule[] | null;
}

/** `key:value,key,` taken apart. */
export function readFlags(text: string | null): Map<string, string> {
	const flags = new Map<string, string>();
	for (const flag of (text ?? '').split(',')) {
		const [key = '', value = ''] = flag.split(':');
		if (key.trim() !== '') flags.set(key.trim().toLowerCase(), value.trim());
	}
	return flags;
}

/** Text before the first child: what follows is indentation. */
function leadingText({ children }: XmlElement): string {
	const end = children.findIndex((child) => typeof child !== 'string');
	return children.slice(0, end === -1 ? undefined : end).join('');
}

function readItem(item: XmlElement): string | null {
	const [child] = childElements(item);
	if (child === undefined) return ownText(item) === '' ? null : ownText(item);
	return child.name === 'EmptyString' ? '' : attribute(child, 'id');
}

/** The value of an entity or property: white space that only indents children is none. */
function readValue(from: XmlElement): Value {
	const items = childElements(from, 'Value');
	if (items.length > 0) return items.map(readItem);
	if (childElements(from, 'EmptyString').length > 0) return '';
	const text = leadingText(from);
	const isIndentation = text.trim() === '' && childElements(from).length > 0;
	return text === '' || isIndentation ? null : text;
}

function readReference(from: XmlElement): Reference {
	return { id: attribute(from, 'id'), name: attribute(from, 'name') };
}

function readParent(from: XmlElement): DraftParent {
	const inheritance = readFlags(attribute(from, 'flag')).get('inheritance') ?? null;
	return { element: from, ...readReference(from), inheritance };
}

function readProperty(from: XmlElement): DraftProperty {
	return {
		element: from,
		...readReference(from),
		description: attribute(from, 'description'),
		datatype: attribute(from, 'datatype'),
		unit: attribute(from, 'unit'),
		importance: attribute(from, 'importance'),
		value: readValue(from),
		properties: childElements(from, 'Property').map(readProperty),
	};
}

/** What an earlier answer said must not come back as if it were about this request. */
function removeMessages(from: XmlElement): void {
	const kept = from.children.filter(
		(child) => typeof child === 'string' || !/^(error|warning|info)$/i.test(child.name),
	);
	from.children.splice(0, from.children.length, ...kept);
	for (const child of childElements(from)) removeMessages(child);
}

export function readDraft(from: XmlElement): Draft {
	removeMessages(from);
	const [acl] = childElements(from, 'EntityACL');
	const [query] = childElements(from, 'Query');
	return {
		element: from,
		role: from.name,
		...readReference(from),
		cuid: attribute(from, 'cuid'),
		description: attribute(from, 'description'),
		datatype: attribute(from, 'datatype'),
		unit: attribute(from, 'unit'),
		value: readValue(from),
		flags: readFlags(attribute(from, 'flag')),
		parents: childElements(from, 'Parent').map(readParent),
		properties: childElements(from, 'Property').map(readProperty),
		path: attribute(from, 'path'),
		checksum: attribute(from, 'checksum'),
		upload: attribute(from, 'upload'),
		query: query === undefined ? null : ownText(query),
		acl: acl === undefined ? null : readAcl(acl),
	};
}
