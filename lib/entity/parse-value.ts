import { EngineError } from '../core/index.ts';
import { ROLES, type Value } from './model.ts';
import { type XmlElement, ownText } from './xml-element.ts';

const ROLE_NAMES: ReadonlySet<string> = new Set(ROLES.map((role) => role.toLowerCase()));

/** How a name is compared: letter case does not count in the names that make an entity. */
export function isNamed({ name }: XmlElement, wanted: string): boolean {
	return name === wanted || name.toLowerCase() === wanted.toLowerCase();
}

/** Whether the element is an entity in the place of a reference: the server resolved it. */
function isResolved(element: XmlElement): boolean {
	return ROLE_NAMES.has(element.name.toLowerCase());
}

export function refuseValue(where: string, reason: string): never {
	throw new EngineError('xml_invalid', `${where} has a value that cannot be read: ${reason}`, {
		remedy: 'Correct the document, or report how the server wrote it.',
	});
}

function referenceTo(element: XmlElement, where: string): string {
	const { id, name } = element.attributes;
	return id ?? name ?? refuseValue(where, 'it is an entity without id and name');
}

/** The content of a `Value`. */
export function parseItem(item: XmlElement, where: string): string | null {
	let inner: XmlElement | undefined;
	for (const child of item.children) {
		if (typeof child === 'string') continue;
		if (inner !== undefined) refuseValue(where, 'an item has several elements');
		inner = child;
	}
	const text = ownText(item);
	if (inner === undefined) return text === '' ? null : text;
	if (text.trim() !== '') refuseValue(where, 'an item has text beside an element');
	if (isNamed(inner, 'EmptyString')) return '';
	if (isResolved(inner)) return referenceTo(inner, where);
	return refuseValue(where, 'an item has an element that is no value');
}

/** What an element says about a value, gathered while its children are read. */
export class ValueReader {
	#items: Array<string | null> | undefined;
	#isEmptyString = false;
	#reference: string | undefined;

	/** Takes a child that belongs to the value; false when it does not. */
	take(child: XmlElement, where: string): boolean {
		if (isNamed(child, 'Value')) {
			(this.#items ??= []).push(parseItem(child, where));
			return true;
		}
		if (isNamed(child, 'EmptyString')) {
			this.#isEmptyString = true;
			return true;
		}
		// A Property inside is one of its own properties.
		if (!isResolved(child) || isNamed(child, 'Property')) return false;
		this.#reference = referenceTo(child, where);
		return true;
	}

	/** The value of `element`, all of whose children were offered. */
	end(element: XmlElement, where: string): Value {
		const text = valueText(element, where);
		const given = [this.#items, this.#reference, text ?? undefined].filter(
			(found) => found !== undefined,
		);
		if (this.#isEmptyString && given.length === 0) return '';
		if (given.length > 1 || this.#isEmptyString) refuseValue(where, 'it is written in two ways');
		return given[0] ?? null;
	}
}

/**
 * The text that is a value, exactly. White space before a child is indentation where white space also stands
 * before the end tag; a value of blanks alone has none there.
 */
function valueText({ children }: XmlElement, where: string): string | null {
	const texts: string[] = [];
	let isOpen = false;
	for (const child of children) {
		if (typeof child !== 'string') isOpen = false;
		else if (isOpen) texts.push(`${texts.pop() ?? ''}${child}`);
		else {
			texts.push(child);
			isOpen = true;
		}
	}
	const [first] = texts;
	if (first === undefined) return null;
	const visible = texts.filter((text) => text.trim() !== '');
	if (visible.length > 1) refuseValue(where, 'its text is in several pieces');
	if (visible[0] !== undefined) return visible[0];
	const isLeading = typeof children[0] === 'string';
	const isIndentation = texts.length > 1 || (isOpen && !isLeading);
	return isLeading && !isIndentation ? first : null;
}
