import { type AttributeBag, type Attributes, attributeBag } from '../xml-element.ts';
import { isXmlName, nameEnd } from './name.ts';
import { attributeValue } from './references.ts';

export interface Tag {
	readonly name: string;
	readonly attributes: Attributes;
	/** `<name/>` */
	readonly isEmpty: boolean;
}

/** Not complete yet: the rest of it comes with the next piece. */
export const INCOMPLETE = -1;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const GREATER = 0x3e;

/** So many different tags are known, each shorter than that. */
const KNOWN_TAGS = 4096;
const KNOWN_TAG_MAX = 512;

export function isBlank(code: number): boolean {
	return code === SPACE || code === LINE_FEED || code === TAB;
}

function skipBlanks(text: string, from: number): number {
	let at = from;
	while (isBlank(text.charCodeAt(at))) at++;
	return at;
}

/** A string that does not keep the whole piece in memory that it was cut from. */
function ownCopy(text: string): string {
	return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Reads start tags, and knows those that come again: properties are alike in all records of a type. */
export class TagReader {
	/** What was read last. */
	tag: Tag = { name: '', attributes: attributeBag(), isEmpty: true };
	readonly #known = new Map<string, Tag>();
	readonly #refuse: (at: number, reason: string) => never;

	/** `refuse` is given a place in the text that is read. */
	constructor(refuse: (at: number, reason: string) => never) {
		this.#refuse = refuse;
	}

	/** Reads the tag that begins with `<` at `start` into `tag`. Returns where it ends, or `INCOMPLETE`. */
	read(text: string, start: number): number {
		return this.#parse(text, start, 0);
	}

	/** The same for a tag that is likely to come again. */
	readKnown(text: string, start: number): number {
		const end = text.indexOf('>', start) + 1;
		if (end === 0) return INCOMPLETE;
		if (end - start > KNOWN_TAG_MAX) return this.read(text, start);
		const key = text.slice(start, end);
		const known = this.#known.get(key);
		if (known !== undefined) {
			this.tag = known;
			return end;
		}
		const copied = ownCopy(key);
		// Incomplete with a `>` in the value of an attribute.
		if (this.#parse(copied, 0, start) === INCOMPLETE) return this.read(text, start);
		if (this.#known.size === KNOWN_TAGS) this.#known.clear();
		this.#known.set(copied, this.tag);
		return end;
	}

	/** `text` begins at `offset` of what is read. */
	#parse(text: string, start: number, offset: number): number {
		let at = nameEnd(text, start + 1);
		if (at === text.length) return INCOMPLETE;
		const name = text.slice(start + 1, at);
		if (!isXmlName(name)) {
			this.#refuse(offset + start, '< begins no tag; as a character it is written &lt;');
		}
		const attributes = attributeBag();
		for (;;) {
			const next = skipBlanks(text, at);
			if (next === text.length) return INCOMPLETE;
			const code = text.charCodeAt(next);
			if (code === GREATER) {
				this.tag = { name, attributes, isEmpty: false };
				return next + 1;
			}
			if (code === SLASH) {
				if (next + 1 === text.length) return INCOMPLETE;
				if (text.charCodeAt(next + 1) !== GREATER) this.#refuse(offset + next, '/ stands in a tag');
				this.tag = { name, attributes, isEmpty: true };
				return next + 2;
			}
			if (next === at) this.#refuse(offset + next, `<${name}> has no blank where one must be`);
			at = this.#attribute(text, next, offset, attributes);
			if (at === INCOMPLETE) return INCOMPLETE;
		}
	}

	#attribute(text: string, start: number, offset: number, attributes: AttributeBag): number {
		const nameStop = nameEnd(text, start);
		const equals = skipBlanks(text, nameStop);
		if (equals === text.length) return INCOMPLETE;
		const name = text.slice(start, nameStop);
		if (!isXmlName(name) || text.charCodeAt(equals) !== EQUALS) {
			this.#refuse(offset + start, 'a tag has something that is no attribute');
		}
		const opening = skipBlanks(text, equals + 1);
		if (opening === text.length) return INCOMPLETE;
		const quote = text.charCodeAt(opening);
		if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) {
			this.#refuse(offset + opening, `attribute ${name} has no quotation marks`);
		}
		const closing = text.indexOf(quote === DOUBLE_QUOTE ? '"' : "'", opening + 1);
		if (closing < 0) return INCOMPLETE;
		if (attributes[name] !== undefined)
			this.#refuse(offset + start, `attribute ${name} comes twice`);
		attributes[name] = attributeValue(text.slice(opening + 1, closing), (at, reason) =>
			this.#refuse(offset + opening + 1 + at, reason),
		);
		return closing + 1;
	}
}
