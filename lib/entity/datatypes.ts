const SCALARS: ReadonlySet<string> = new Set(['TEXT', 'DOUBLE', 'INTEGER', 'DATETIME', 'BOOLEAN']);
const ANY_ENTITY: ReadonlySet<string> = new Set(['REFERENCE', 'FILE']);

export interface Datatype {
	/** A built-in name, or the name or id of a RecordType. */
	readonly base: string;
	readonly isList: boolean;
}

/** A server has as many as it has record types; a hostile document any number. */
const KNOWN_MAX = 10_000;
const known = new Map<string, Datatype>();

/** `X`, `LIST<X>`, also in the notations `LIST(X)` and with escaped brackets that clients accept. */
export function splitDatatype(text: string): Datatype {
	const before = known.get(text);
	if (before !== undefined) return before;
	if (known.size === KNOWN_MAX) known.clear();
	const datatype = Object.freeze(parseDatatype(text));
	known.set(text, datatype);
	return datatype;
}

function parseDatatype(text: string): Datatype {
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
