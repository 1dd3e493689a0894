import { EngineError } from '../core/index.ts';
import { type Attributes, NO_ATTRIBUTES, type XmlElement } from './xml-element.ts';
import { XmlParser } from './xml/parser.ts';

/** Deeper than any entity and its history, and no danger to the stack. */
const DEPTH_LIMIT = 256;
/** Elements of one child of the root: far more than a long list of values. */
const ELEMENT_LIMIT = 5_000_000;

interface OpenElement extends XmlElement {
	readonly children: Array<XmlElement | string>;
}

/** Stands where an element was left out, so that the texts around it stay apart. */
export const LEFT_OUT: XmlElement = { name: '', attributes: NO_ATTRIBUTES, children: [] };

function tooLarge(source: string, limit: number, what: string): EngineError {
	return new EngineError('limit_exceeded', `${source} has more than ${limit} ${what}`, {
		remedy: 'No real document is like this. Do not trust it.',
		details: { limit },
	});
}

/**
 * Cuts the children of the root out of a document's text as it comes: strict, without document types, so
 * without entities of its own. Comments and instructions are left out.
 */
export class ElementCutter {
	/** The root's name and attributes, once its tag is read. */
	root: XmlElement | undefined;
	#ready: XmlElement[] = [];
	#open: OpenElement[] = [];
	#elements = 0;
	#skipped = 0;
	readonly #parser: XmlParser;
	readonly #source: string;
	readonly #isSkipped: (name: string, depth: number) => boolean;

	/** `isSkipped` tells which elements are not kept, by name and depth (the root has depth 0). */
	constructor(source: string, isSkipped: (name: string, depth: number) => boolean) {
		this.#source = source;
		this.#isSkipped = isSkipped;
		this.#parser = new XmlParser({
			openTag: (name, attributes) => this.#openTag(name, attributes),
			closeTag: () => this.#closeTag(),
			text: (text) => this.#addText(text),
			refuse: (reason) => this.#refuse(reason),
		});
	}

	write(text: string): void {
		this.#parser.write(text);
	}

	/** Call at the end of the text: a document that is cut is refused here. */
	close(): void {
		this.#parser.close();
	}

	/** What is complete since the last call. */
	take(): XmlElement[] {
		const ready = this.#ready;
		if (ready.length > 0) this.#ready = [];
		return ready;
	}

	#refuse(reason: string): never {
		throw new EngineError('xml_invalid', `${this.#source} is not a whole XML document: ${reason}`, {
			remedy: 'It is damaged or cut, or it is something else. Fetch or make it again.',
		});
	}

	#openTag(name: string, attributes: Attributes): void {
		const depth = this.#open.length;
		if (this.#skipped > 0 || this.#isSkipped(name, depth)) {
			if (this.#skipped++ === 0 && depth > 1) this.#open[depth - 1]?.children.push(LEFT_OUT);
			return;
		}
		if (depth >= DEPTH_LIMIT) throw tooLarge(this.#source, DEPTH_LIMIT, 'levels of elements');
		if (++this.#elements > ELEMENT_LIMIT) {
			throw tooLarge(this.#source, ELEMENT_LIMIT, 'elements in one entity');
		}
		const element: OpenElement = { name, attributes, children: [] };
		this.root ??= element;
		if (depth > 1) this.#open[depth - 1]?.children.push(element);
		this.#open.push(element);
	}

	#closeTag(): void {
		if (this.#skipped > 0) {
			this.#skipped--;
			return;
		}
		const closed = this.#open.pop();
		if (this.#open.length !== 1 || closed === undefined) return;
		this.#ready.push(closed);
		this.#elements = 0;
	}

	#addText(text: string): void {
		if (this.#skipped > 0) return;
		const depth = this.#open.length;
		if (depth > 1) this.#open[depth - 1]?.children.push(text);
		else if (/[^\t\n\r ]/.test(text)) this.#refuse('there is text between its entities');
	}
}
