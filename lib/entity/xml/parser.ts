import type { Attributes } from '../xml-element.ts';
import { isXmlName, nameEnd } from './name.ts';
import { Piece } from './piece.ts';
import { expandReferences } from './references.ts';
import { INCOMPLETE, TagReader, isBlank } from './tag.ts';

/** What is told of a document, in its order. */
export interface XmlHandler {
	openTag(name: string, attributes: Attributes): void;
	closeTag(): void;
	/** The text between two tags may come in several pieces. */
	text(text: string): void;
	/** `reason` begins with the place. */
	refuse(reason: string): never;
}

/** What ends a comment, an instruction or character data. */
type End = '-->' | '?>' | ']]>';

/** A tag is held until it is complete; descriptions, the longest attributes, have 64 kB at most. */
const TAG_MAX = 4 * 1024 * 1024;
const REFERENCE_MAX = 64;
const BEGINNINGS = ['<!--', '<![CDATA[', '<!DOCTYPE'] as const;
const [COMMENT, CHARACTER_DATA, DOCUMENT_TYPE] = BEGINNINGS;

const DECLARATION = new RegExp(
	[
		/^<\?xml[\t\n ]+version[\t\n ]*=[\t\n ]*(?:"1\.\d+"|'1\.\d+')/,
		/(?:[\t\n ]+encoding[\t\n ]*=[\t\n ]*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?/,
		/(?:[\t\n ]+standalone[\t\n ]*=[\t\n ]*(?:"(?:yes|no)"|'(?:yes|no)'))?[\t\n ]*\?>$/,
	]
		.map(({ source }) => source)
		.join(''),
);

const EXCLAMATION = 0x21;
const SLASH = 0x2f;
const GREATER = 0x3e;
const QUESTION = 0x3f;

/**
 * Reads XML 1.0 as it comes, strictly: what is not well-formed is refused. No document types, so no entities
 * but the five that XML has itself; no name spaces. https://www.w3.org/TR/xml/
 *
 * Native code looks for the next `<`, `>` or quotation mark, instead of a step for each character.
 */
export class XmlParser {
	readonly #handler: XmlHandler;
	readonly #piece: Piece;
	readonly #tags: TagReader;
	/** Characters of the piece that are done. */
	#done = 0;
	#isStart = true;
	#hasRoot = false;
	readonly #open: string[] = [];
	/** What ends the comment, instruction or character data that is being read. */
	#until: End | undefined;

	constructor(handler: XmlHandler) {
		this.#handler = handler;
		this.#piece = new Piece((reason) => handler.refuse(reason));
		this.#tags = new TagReader((at, reason) => this.#piece.refuse(at, reason));
	}

	write(text: string): void {
		this.#piece.advance(this.#done, text);
		this.#read();
	}

	/** Call at the end: a document that is cut is refused here. */
	close(): void {
		this.#piece.end(this.#done);
		this.#read();
		const { text } = this.#piece;
		if (this.#until !== undefined) this.#refuse(text.length, `it ends before ${this.#until}`);
		const open = this.#open.at(-1);
		if (open !== undefined) this.#refuse(text.length, `it ends before </${open}>`);
		if (this.#done < text.length) this.#refuse(text.length, 'it ends in the middle of a tag');
		if (!this.#hasRoot) this.#refuse(text.length, 'it has no root element');
	}

	#refuse(at: number, reason: string): never {
		return this.#piece.refuse(at, reason);
	}

	#read(): void {
		const { text } = this.#piece;
		let at = 0;
		let next = 0;
		while (at < text.length) {
			next = this.#step(at);
			if (next === INCOMPLETE || next === at) break;
			at = next;
		}
		this.#done = at;
		if (text.length - at > TAG_MAX) this.#refuse(at, 'a tag is too long');
	}

	/** Reads what begins at `at`, and returns how far it came. */
	#step(at: number): number {
		if (this.#until !== undefined) return this.#readUntil(at, this.#until);
		const markup = this.#piece.text.indexOf('<', at);
		if (markup !== at) return this.#characters(at, markup);
		const end = this.#markup(at);
		if (end !== INCOMPLETE) this.#isStart = false;
		return end;
	}

	/** Text up to `markup`, or, when there is none in this piece, as far as it is certain. */
	#characters(start: number, markup: number): number {
		const { text } = this.#piece;
		const end = markup < 0 ? this.#certainEnd(start) : markup;
		if (end === start) return start;
		const found = text.slice(start, end);
		const ending = found.indexOf(']]>');
		if (ending >= 0) this.#refuse(start + ending, ']]> stands in a text');
		if (this.#open.length > 0) {
			this.#handler.text(found.includes('&') ? this.#expand(found, start) : found);
		} else if (/[^\t\n ]/.test(found)) {
			this.#refuse(start, 'there is text outside of its root element');
		}
		this.#isStart = false;
		return end;
	}

	/** `]]>` and references may go on in the next piece. */
	#certainEnd(start: number): number {
		const { text } = this.#piece;
		let end = text.length;
		while (end > start && end > text.length - 2 && text[end - 1] === ']') end--;
		const reference = text.lastIndexOf('&', end - 1);
		if (reference < start || text.includes(';', reference)) return end;
		if (text.length - reference > REFERENCE_MAX) this.#refuse(reference, '& begins no reference');
		return reference;
	}

	#expand(text: string, start: number): string {
		return expandReferences(text, (at, reason) => this.#refuse(start + at, reason));
	}

	/** What begins with `<` at `start`. */
	#markup(start: number): number {
		const { text } = this.#piece;
		if (start + 1 === text.length) return INCOMPLETE;
		const code = text.charCodeAt(start + 1);
		if (code === SLASH) return this.#closing(start);
		if (code === EXCLAMATION) return this.#declared(start);
		if (code === QUESTION) return this.#instruction(start);
		return this.#opening(start);
	}

	#opening(start: number): number {
		const { text } = this.#piece;
		const depth = this.#open.length;
		// Entities have ids of their own; what comes again is inside of them.
		const end = depth > 1 ? this.#tags.readKnown(text, start) : this.#tags.read(text, start);
		if (end === INCOMPLETE) return INCOMPLETE;
		if (depth === 0 && this.#hasRoot) this.#refuse(start, 'it has more than one root element');
		this.#hasRoot = true;
		const { name, attributes, isEmpty } = this.#tags.tag;
		this.#handler.openTag(name, attributes);
		if (isEmpty) this.#handler.closeTag();
		else this.#open.push(name);
		return end;
	}

	#closing(start: number): number {
		const { text } = this.#piece;
		const expected = this.#open.at(-1) ?? '';
		let end = start + 2 + expected.length;
		if (!text.startsWith(expected, start + 2) || text.charCodeAt(end) !== GREATER) {
			end = text.indexOf('>', start);
			if (end < 0) return INCOMPLETE;
			const name = text.slice(start + 2, end).replace(/[\t\n ]+$/, '');
			if (name !== expected) this.#refuseClosing(start, name, expected);
		}
		if (expected === '') this.#refuseClosing(start, '', expected);
		this.#open.pop();
		this.#handler.closeTag();
		return end + 1;
	}

	#refuseClosing(start: number, name: string, expected: string): never {
		const what = expected === '' ? 'no element is open' : `<${expected}> is open`;
		this.#refuse(start, `</${name.slice(0, 80)}> ends an element, but ${what}`);
	}

	/** Comments and character data. */
	#declared(start: number): number {
		const { text } = this.#piece;
		if (text.startsWith(COMMENT, start)) return this.#begin('-->', start + COMMENT.length);
		if (text.startsWith(CHARACTER_DATA, start)) {
			if (this.#open.length > 0) return this.#begin(']]>', start + CHARACTER_DATA.length);
			this.#refuse(start, 'there is text outside of its root element');
		}
		if (text.startsWith(DOCUMENT_TYPE, start)) {
			this.#refuse(start, 'it has a document type, which is not accepted');
		}
		const begun = text.slice(start, start + CHARACTER_DATA.length);
		if (BEGINNINGS.some((whole) => whole.startsWith(begun))) return INCOMPLETE;
		return this.#refuse(start, '<! begins nothing that is known');
	}

	#instruction(start: number): number {
		const { text } = this.#piece;
		const end = nameEnd(text, start + 2);
		// After the name comes a blank, or both characters of the end.
		if (end + 1 >= text.length) return INCOMPLETE;
		const name = text.slice(start + 2, end);
		if (name === 'xml' && this.#isStart) return this.#declaration(start);
		if (!isXmlName(name) || name.toLowerCase() === 'xml') {
			this.#refuse(start, 'an instruction has no valid name');
		}
		if (!isBlank(text.charCodeAt(end)) && !text.startsWith('?>', end)) {
			this.#refuse(end, 'an instruction has no blank after its name');
		}
		return this.#begin('?>', end);
	}

	#declaration(start: number): number {
		const { text } = this.#piece;
		const end = text.indexOf('?>', start) + 2;
		if (end < 2) return INCOMPLETE;
		if (!DECLARATION.test(text.slice(start, end))) {
			this.#refuse(start, 'its XML declaration is none');
		}
		return end;
	}

	#begin(until: End, at: number): number {
		this.#until = until;
		return at;
	}

	/** Goes on in what ends with `until`. */
	#readUntil(start: number, until: End): number {
		const { text } = this.#piece;
		const found = text.indexOf(until, start);
		const end = found < 0 ? Math.max(start, text.length - until.length + 1) : found;
		if (until === '-->') {
			const dashes = text.indexOf('--', start);
			if (dashes >= 0 && dashes < end) this.#refuse(dashes, '-- stands in a comment');
		} else if (until === ']]>' && end > start) this.#handler.text(text.slice(start, end));
		if (found < 0) return end;
		this.#until = undefined;
		return found + until.length;
	}
}
