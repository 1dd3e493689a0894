import { SaxesParser } from 'saxes';

import { type XmlElement, element } from './xml-node.ts';

/** The text is not a document that a strict parser accepts. */
export class XmlSyntaxError extends Error {}

/** Deeper documents are nobody's entities; a tree this deep would end in a stack overflow. */
const DEPTH_LIMIT = 100;

/**
 * Reads a whole document into a tree. Throws XmlSyntaxError for anything that is not well-formed, has a
 * document type, or is deeper than 100 levels.
 */
export function parseXml(text: string): XmlElement {
	const parser = new SaxesParser();
	const open: XmlElement[] = [];
	let root: XmlElement | undefined;
	const addText = (content: string): void => {
		open.at(-1)?.children.push(content);
	};
	parser.on('error', (error) => {
		throw new XmlSyntaxError(error.message);
	});
	parser.on('doctype', () => {
		throw new XmlSyntaxError('A document type is not accepted.');
	});
	parser.on('opentag', ({ name, attributes }) => {
		if (open.length >= DEPTH_LIMIT) throw new XmlSyntaxError('The document is too deep.');
		const opened = element(name, attributes);
		open.at(-1)?.children.push(opened);
		root ??= opened;
		open.push(opened);
	});
	parser.on('closetag', () => {
		open.pop();
	});
	parser.on('text', addText);
	parser.on('cdata', addText);
	parser.write(text).close();
	if (root === undefined) throw new XmlSyntaxError('The document has no element.');
	return root;
}
