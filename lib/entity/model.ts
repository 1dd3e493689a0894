import { type Attributes, NO_ATTRIBUTES, type XmlElement } from './xml-element.ts';

/*
 * Entities as their documents have them. Every text is the document's own: ids are opaque, numbers stay as
 * they are written, white space counts, and what this package does not know is kept beside.
 */

/** Element names of entities. `Entity` is one whose role is not known. */
export const ROLES = [
	'Entity',
	'RecordType',
	'Record',
	'Property',
	'File',
	'QueryTemplate',
] as const;
export type Role = (typeof ROLES)[number];

export const MESSAGE_KINDS = ['Error', 'Warning', 'Info'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What a server says about a request, an entity, or a part of it. */
export interface Message {
	readonly kind: MessageKind;
	/** A number on today's servers. */
	readonly code: string | null;
	readonly description: string | null;
	/** The long text; '' when there is none. */
	readonly text: string;
}

/**
 * A value: null is none, '' the empty string, an array a list whose items may be null or ''. References are
 * ids, `id@version`, or names. An empty list has no notation in a document and is written as null.
 */
export type Value = string | null | ReadonlyArray<string | null>;

export interface Parent {
	readonly id: string | null;
	readonly name: string | null;
	readonly description: string | null;
	/** e.g. `inheritance:OBLIGATORY,`. */
	readonly flag: string | null;
	readonly messages: readonly Message[];
	/** Others than these. */
	readonly attributes: Attributes;
	readonly children: readonly XmlElement[];
}

/** A property as an entity, or another property, has it. */
export interface AppliedProperty {
	readonly id: string | null;
	readonly name: string | null;
	readonly description: string | null;
	/** As written: `LIST<Sample>`, `TEXT`, an id. */
	readonly datatype: string | null;
	readonly unit: string | null;
	/** OBLIGATORY, RECOMMENDED, SUGGESTED or FIX. */
	readonly importance: string | null;
	/** e.g. `inheritance:FIX`. */
	readonly flag: string | null;
	readonly value: Value;
	readonly properties: readonly AppliedProperty[];
	readonly messages: readonly Message[];
	readonly attributes: Attributes;
	readonly children: readonly XmlElement[];
}

/** A version mark; its neighbours nest as deep as the server was asked to tell. */
export interface Version {
	readonly id: string | null;
	/** UTC or with a zone, e.g. `2024-03-02T12:20:23.100+0100`. */
	readonly date: string | null;
	readonly username: string | null;
	readonly realm: string | null;
	/** `true` on the newest; null where nothing is said. */
	readonly head: string | null;
	readonly completeHistory: string | null;
	readonly predecessors: readonly Version[];
	readonly successors: readonly Version[];
}

export interface Entity {
	readonly role: Role;
	readonly id: string | null;
	/** The client's own mark of a request, which the answer repeats. */
	readonly cuid: string | null;
	readonly name: string | null;
	readonly description: string | null;
	readonly datatype: string | null;
	readonly unit: string | null;
	/** Of a File: where it lies in the server's file root. */
	readonly path: string | null;
	/** Of a File: SHA-512 in hex. */
	readonly checksum: string | null;
	/** Of a File: bytes. */
	readonly size: string | null;
	readonly flag: string | null;
	/** Of a Property that has one. */
	readonly value: Value;
	/** Text of a QueryTemplate. */
	readonly query: string | null;
	readonly parents: readonly Parent[];
	readonly properties: readonly AppliedProperty[];
	readonly version: Version | null;
	/** `EntityACL`; see `readAcl`. null: the document does not speak of permissions. */
	readonly acl: XmlElement | null;
	readonly state: XmlElement | null;
	readonly messages: readonly Message[];
	/** Others than these. */
	readonly attributes: Attributes;
	/** Others than these. `Permissions`, which tells what the asking user may do, is left out. */
	readonly children: readonly XmlElement[];
}

const NONE: readonly never[] = Object.freeze([]);

const EMPTY_PARENT: Parent = {
	...{ id: null, name: null, description: null, flag: null },
	...{ messages: NONE, attributes: NO_ATTRIBUTES, children: NONE },
};

const EMPTY_PROPERTY: AppliedProperty = {
	...{ id: null, name: null, description: null, datatype: null, unit: null, importance: null },
	...{ flag: null, value: null, properties: NONE },
	...{ messages: NONE, attributes: NO_ATTRIBUTES, children: NONE },
};

const EMPTY_ENTITY: Omit<Entity, 'role'> = {
	...{ id: null, cuid: null, name: null, description: null, datatype: null, unit: null },
	...{ path: null, checksum: null, size: null, flag: null, value: null, query: null },
	...{ parents: NONE, properties: NONE, version: null, acl: null, state: null },
	...{ messages: NONE, attributes: NO_ATTRIBUTES, children: NONE },
};

/** An entity with what is given and nothing else. */
export function newEntity(role: Role, given: Partial<Omit<Entity, 'role'>> = {}): Entity {
	return { role, ...EMPTY_ENTITY, ...given };
}

/** A parent with what is given and nothing else. */
export function newParent(given: Partial<Parent>): Parent {
	return { ...EMPTY_PARENT, ...given };
}

/** An applied property with what is given and nothing else. */
export function newProperty(given: Partial<AppliedProperty>): AppliedProperty {
	return { ...EMPTY_PROPERTY, ...given };
}
