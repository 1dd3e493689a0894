const SCALARS: ReadonlySet<string> = new Set(['TEXT', 'DOUBLE', 'INTEGER', 'DATETIME', 'BOOLEAN']);
const ANY_ENTITY: ReadonlySet<string> = new Set(['REFERENCE', 'FILE']);

export interface Datatype {
	/** A built-in name, or the name or id of a RecordType. */
	readonly base: string;
	readonly isList: boolean;
}

/** `X`, `LIST<X>`, also in the notations `LIST(X)` and with escaped brackets that clients accept. */
export function splitDatatype(text: string): Datatype {
	const base = /^\s*list\s*(?:<|&lt;|\()\s*(.*?)\s*(?:>|&gt;|\))\s*$/is.exec(text)?.[1];
	return base === undefined ? { base: text.trim(), isList: false } : { base, isList: true };
}

/** Whether values of this data type name entities. */
export function isReferenceType(datatype: string | null): boolean {
	return datatype !== null && !SCALARS.has(splitDatatype(datatype).base);
}

/** The RecordType that a data type names (by name or id), or null when it is a built-in one. */
export function recordTypeOf(datatype: string | null): string | null {
	if (datatype === null) return null;
	const { base } = splitDatatype(datatype);
	return SCALARS.has(base) || ANY_ENTITY.has(base) ? null : base;
}

/** The same data type with another base. */
export function withBase(datatype: string, base: string): string {
	return splitDatatype(datatype).isList ? `LIST<${base}>` : base;
}

/** `id@version` taken apart; a reference without a version means the newest. */
export function splitReference(text: string): {
	readonly id: string;
	readonly version: string | null;
} {
	const at = text.indexOf('@');
	if (at <= 0) return { id: text, version: null };
	return { id: text.slice(0, at), version: text.slice(at + 1) };
}
