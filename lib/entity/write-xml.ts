import type { XmlElement } from './xml-element.ts';

/** XML 1.0 has no notation for these, escaped or not. */
export class ForbiddenCharacter extends Error {
	/** e.g. `U+000B`. */
	readonly character: string;

	constructor(code: number) {
		const character = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
		super(`XML cannot hold the character ${character}`);
		this.character = character;
	}
}

/** Lone halves of surrogate pairs are no characters either. */
const NOTABLE_IN_TEXT = /[&<>\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;
const NOTABLE_IN_ATTRIBUTE = /[&<>"\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;
const ALL_IN_TEXT = new RegExp(NOTABLE_IN_TEXT, 'gu');
const ALL_IN_ATTRIBUTE = new RegExp(NOTABLE_IN_ATTRIBUTE, 'gu');

function escapeText(character: string): string {
	switch (character) {
		case '&':
			return '&amp;';
		case '<':
			return '&lt;';
		case '>':
			return '&gt;';
		case '\r':
			return '&#13;';
		case '\t':
		case '\n':
			return character;
	}
	const code = character.codePointAt(0) ?? 0;
	if (code >= 0x7f && code <= 0x9f) return character;
	throw new ForbiddenCharacter(code);
}

/** A parser would turn line breaks and tabs into blanks. */
function escapeAttribute(character: string): string {
	if (character === '"') return '&quot;';
	if (character === '\n') return '&#10;';
	if (character === '\t') return '&#9;';
	return escapeText(character);
}

/** Text between tags, so that a reader gets exactly this back. Throws ForbiddenCharacter. */
export function xmlText(text: string): string {
	return NOTABLE_IN_TEXT.test(text) ? text.replace(ALL_IN_TEXT, escapeText) : text;
}

/** ` name="value"`, or nothing for null. Throws ForbiddenCharacter. */
export function xmlAttribute(name: string, value: string | null | undefined): string {
	if (value === null || value === undefined) return '';
	const escaped = NOTABLE_IN_ATTRIBUTE.test(value)
		? value.replace(ALL_IN_ATTRIBUTE, escapeAttribute)
		: value;
	return ` ${name}="${escaped}"`;
}

/** An element as it was read. */
export function xmlElement({ name, attributes, children }: XmlElement): string {
	let tag = `<${name}`;
	for (const key in attributes) tag += xmlAttribute(key, attributes[key]);
	if (children.length === 0) return `${tag}/>`;
	let content = '';
	for (const child of children) {
		content += typeof child === 'string' ? xmlText(child) : xmlElement(child);
	}
	return `${tag}>${content}</${name}>`;
}
