/** Roles as element names. */
export const ROLES = ['RecordType', 'Record', 'Property', 'File', 'QueryTemplate'] as const;
export type Role = (typeof ROLES)[number];

export const IMPORTANCES = ['OBLIGATORY', 'RECOMMENDED', 'SUGGESTED', 'FIX'] as const;
export type Importance = (typeof IMPORTANCES)[number];

const SCALARS = ['TEXT', 'DOUBLE', 'INTEGER', 'DATETIME', 'BOOLEAN'] as const;
const BUILT_IN: readonly string[] = [...SCALARS, 'REFERENCE', 'FILE'];

/** `base` is a built-in name or the id of a RecordType. */
export interface Datatype {
	readonly base: string;
	readonly isList: boolean;
}

/** null is no value, '' an empty string; an array is a list. References are ids, maybe `id@version`. */
export type Value = string | null | ReadonlyArray<string | null>;

/** A property of an entity. What is null is as the property's own entity says. */
export interface AppliedProperty {
	readonly id: string;
	readonly name: string | null;
	readonly description: string | null;
	readonly datatype: Datatype | null;
	readonly unit: string | null;
	readonly importance: Importance;
	readonly value: Value;
	readonly properties: readonly AppliedProperty[];
}

export interface StoredFile {
	/** Absolute inside the file root, with a leading slash. */
	readonly path: string;
	readonly size: number;
	/** SHA-512 in lower-case hex. */
	readonly checksum: string;
	readonly isFolder: boolean;
	/** Base64. */
	readonly thumbnail: string | null;
}

/** One rule of an access control list; has a role, or a user name with or without a realm. */
export interface AclRule {
	readonly kind: 'Grant' | 'Deny';
	readonly isPriority: boolean;
	readonly role: string | null;
	readonly username: string | null;
	readonly realm: string | null;
	readonly permission: string;
}

export interface VersionMark {
	/** 40 hex digits. */
	readonly id: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly username: string;
	readonly realm: string;
}

/** One version of an entity; never changed once it is stored. */
export interface Entity {
	readonly id: string;
	readonly role: Role;
	readonly name: string | null;
	readonly description: string | null;
	readonly datatype: Datatype | null;
	readonly unit: string | null;
	readonly value: Value;
	readonly parents: readonly string[];
	readonly properties: readonly AppliedProperty[];
	readonly file: StoredFile | null;
	/** Text of a QueryTemplate. */
	readonly query: string | null;
	readonly acl: readonly AclRule[];
	readonly version: VersionMark;
}

export function isBuiltIn(base: string): boolean {
	return BUILT_IN.includes(base);
}

/** Whether values of this datatype are entities. */
export function isReference({ base }: Datatype): boolean {
	return !(SCALARS as readonly string[]).includes(base);
}

/** `LIST<X>` or `X` taken apart; `X` is a name or an id still. */
export function splitDatatype(text: string): Datatype {
	const base = /^list\s*[<(]\s*(.*?)\s*[>)]$/i.exec(text.trim())?.[1];
	if (base === undefined) return { base: text.trim(), isList: false };
	return { base, isList: true };
}

/** The entity id of a reference value, without its version. */
export function referencedId(value: string): string {
	return value.split('@', 1)[0] ?? value;
}
