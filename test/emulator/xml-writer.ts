import type { XmlElement } from './xml-node.ts';

const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	'\r': '&#13;',
	'\n': '&#10;',
	'\t': '&#9;',
};

function escapeText(text: string): string {
	return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (found) => ENTITIES[found] ?? '') : text;
}

/** Line breaks and tabs too: a parser would turn them into blanks. */
function escapeAttribute(text: string): string {
	return /[&<>"\r\n\t]/.test(text)
		? text.replace(/[&<>"\r\n\t]/g, (found) => ENTITIES[found] ?? '')
		: text;
}

function startTag({ name, attributes }: XmlElement): string {
	let tag = `<${name}`;
	for (const [key, value] of attributes) tag += ` ${key}="${escapeAttribute(value)}"`;
	return tag;
}

const written = new WeakMap<XmlElement, string>();

/** For an element that many documents hold and nobody changes: it is made text only once. */
export function writtenOnce(node: XmlElement): XmlElement {
	written.set(node, writeXml(node));
	return node;
}

/** The element as text, without white space of its own. */
export function writeXml(node: XmlElement): string {
	const known = written.get(node);
	if (known !== undefined) return known;
	if (node.children.length === 0) return `${startTag(node)}/>`;
	let content = '';
	for (const child of node.children) {
		content += typeof child === 'string' ? escapeText(child) : writeXml(child);
	}
	return `${startTag(node)}>${content}</${node.name}>`;
}

/** Like writeXml, indented wherever an element holds elements only. */
export function writePrettyXml(node: XmlElement, indent = ''): string {
	const mixed = node.children.some((child) => typeof child === 'string');
	if (mixed || node.children.length === 0) return `${indent}${writeXml(node)}\n`;
	const content = node.children.map((child) =>
		typeof child === 'string' ? '' : writePrettyXml(child, `${indent}  `),
	);
	return `${indent}${startTag(node)}>\n${content.join('')}${indent}</${node.name}>\n`;
}
