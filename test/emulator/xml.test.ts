import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type XmlElement, childElements, element, ownText } from './xml-node.ts';
import { XmlSyntaxError, parseXml } from './xml-reader.ts';
import { writePrettyXml, writeXml } from './xml-writer.ts';

const TEXT = fc
	.string({ unit: 'grapheme' })
	.map((text) => text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '?'));
const NAME = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/);

function tree(depth: number): fc.Arbitrary<XmlElement> {
	const children = depth === 0 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 3 });
	return fc
		.record({
			name: NAME,
			attributes: fc.dictionary(NAME, TEXT, { maxKeys: 3 }),
			text: TEXT,
			children,
		})
		.map(({ name, attributes, text, children: inner }) =>
			element(name, attributes, [...(text === '' ? [] : [text]), ...inner]),
		);
}

function plain({ name, attributes, children }: XmlElement): unknown {
	return [
		name,
		[...attributes],
		children.map((child) => (typeof child === 'string' ? child : plain(child))),
	];
}

describe('XML', () => {
	it('is read as it was written', () => {
		fc.assert(
			fc.property(tree(3), (written) => {
				expect(plain(parseXml(writeXml(written)))).toEqual(plain(written));
			}),
		);
	});

	it('has no white space in values when it is indented', () => {
		const root = parseXml(
			writePrettyXml(element('A', {}, [element('B', {}, [' x ']), element('C')])),
		);
		expect(childElements(root).map(ownText)).toEqual([' x ', '']);
	});

	it.each([
		'<A>',
		'<A></B>',
		'<A/><B/>',
		'<A x="1" x="2"/>',
		'<A>&unknown;</A>',
		'<!DOCTYPE A [<!ENTITY e "x">]><A>&e;</A>',
		'<A>\u0001</A>',
		'',
		'{}',
		`${'<A>'.repeat(101)}${'</A>'.repeat(101)}`,
	])('is refused when it is not well-formed or not safe: %s', (text) => {
		expect(() => parseXml(text)).toThrow(XmlSyntaxError);
	});
});
