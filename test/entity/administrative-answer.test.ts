import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import { smallDocument } from '../../lib/entity/client/administrative-answer.ts';
import { type XmlElement, xmlElement } from '../../lib/entity/index.ts';
import { documentOf } from './read-document.ts';

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,8}$/);
/** Without what XML forbids; a parser turns a bare carriage return into a line break. */
const text = fc
	.string({ unit: 'binary', maxLength: 20 })
	// eslint-disable-next-line no-control-regex -- these are what XML forbids
	.map((value) => value.replaceAll(/[\u0000-\u0008\u000B-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/g, ''));

const { element } = fc.letrec<{ element: XmlElement; child: XmlElement | string }>((tie) => ({
	element: fc.record({
		name,
		attributes: fc.dictionary(name, text, { maxKeys: 3, noNullPrototype: true }),
		children: fc.array(tie('child'), { maxLength: 3 }),
	}),
	child: fc.oneof({ maxDepth: 3 }, text, tie('element')),
}));

/** Neighbouring texts are one; empty ones are none. */
function plain({ name: tag, attributes, children }: XmlElement): unknown {
	const joined: unknown[] = [];
	for (const child of children) {
		const last = joined.at(-1);
		if (typeof child !== 'string') joined.push(plain(child));
		else if (typeof last === 'string') joined[joined.length - 1] = last + child;
		else if (child !== '') joined.push(child);
	}
	return { tag, attributes: { ...attributes }, children: joined };
}

function codeOf(document: string): string {
	try {
		smallDocument(document);
		return 'read';
	} catch (error) {
		return error instanceof EngineError ? error.code : String(error);
	}
}

describe('a small document', () => {
	test('is read as the strict reader of entities reads it', async () => {
		await fc.assert(
			fc.asyncProperty(element, async (child) => {
				const written = `<Response timestamp="1">${xmlElement({ ...child, name: 'UserInfo' })}</Response>`;
				const strict = documentOf(written);
				await strict.all();
				const [read] = smallDocument(written).children;
				if (typeof read !== 'object') throw new Error('no element');
				expect(plain(read)).toEqual(plain(strict.others[0] ?? read));
				expect(strict.others).toHaveLength(1);
			}),
		);
	});

	test('is refused when it is cut anywhere', () => {
		const whole =
			'<?xml version="1.0"?>\n<Response a="1"><Role name="a &amp; b">text</Role></Response>';
		expect(codeOf(whole)).toBe('read');
		for (let length = 0; length < whole.length; length += 1) {
			expect(codeOf(whole.slice(0, length)), whole.slice(0, length)).toBe('xml_invalid');
		}
	});

	test.each([
		'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
		'<a>&b;</a>',
		'<a>&euro;</a>',
		'<a/><b/>',
		'<a b="1" b="2"/>',
		'<a><b></a></b>',
		'<a>\u0001</a>',
		'text',
		'',
	])('%j is refused', (document) => {
		expect(codeOf(document)).toBe('xml_invalid');
	});
});
