import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';

import { XmlParser } from '../../lib/entity/xml/parser.ts';

/** What a document says: tags as they come, texts joined. */
type Said = Array<readonly ['open', string, Record<string, string>] | readonly ['close'] | string>;

function addText(said: Said, text: string): void {
	const last = said.at(-1);
	if (typeof last === 'string') said[said.length - 1] = last + text;
	else said.push(text);
}

function read(...pieces: readonly string[]): Said {
	const said: Said = [];
	let depth = 0;
	const parser = new XmlParser({
		openTag: (name, attributes) => {
			depth++;
			said.push(['open', name, { ...attributes }]);
		},
		closeTag: () => {
			depth--;
			said.push(['close']);
		},
		text: (text) => addText(said, text),
		refuse: (reason) => {
			throw new Error(reason);
		},
	});
	for (const piece of pieces) parser.write(piece);
	parser.close();
	expect(depth).toBe(0);
	return said;
}

/** The same by another parser, which knows document types. */
function readBySaxes(document: string): Said {
	const said: Said = [];
	let depth = 0;
	const parser = new SaxesParser();
	const refuse = (): never => {
		throw new Error('refused');
	};
	const text = (found: string): void => {
		if (depth > 0) addText(said, found);
		else if (/[^\t\n\r ]/.test(found)) refuse();
	};
	parser.on('error', (error) => {
		throw error;
	});
	parser.on('doctype', refuse);
	parser.on('opentag', ({ name, attributes }) => {
		depth++;
		said.push(['open', name, { ...attributes }]);
	});
	parser.on('closetag', () => {
		depth--;
		said.push(['close']);
	});
	parser.on('text', text);
	parser.on('cdata', text);
	parser.write(document).close();
	return said.filter((one) => one !== '');
}

function outcome(work: () => Said): Said | 'refused' {
	try {
		return work();
	} catch {
		return 'refused';
	}
}

const GOOD: ReadonlyArray<readonly [what: string, document: string]> = [
	['an empty root', '<a/>'],
	['blanks wherever they may be', ' \n<a  b = "1"\tc\n=\'2\' >x</a \n>\n'],
	['a declaration', '<?xml version="1.0" encoding="UTF-8" standalone=\'yes\' ?>\n<a/>'],
	['instructions', '<?b c?><a><?d?>x<?e ?? > ?></a><?f?>'],
	['comments', '<!----><!-- - < > & --><a>x<!---a-->y</a><!-- -->'],
	['character data', '<a><![CDATA[<b>&amp;]] ]>]]>x<![CDATA[]]></a>'],
	['the five entities', '<a b="&lt;&gt;&amp;&quot;&apos;">&lt;&gt;&amp;&quot;&apos;</a>'],
	['characters by number', '<a b="&#9;&#xa;&#13;">&#x41;&#65;&#x1F600;&#xD;&#0065;</a>'],
	['line ends of all kinds', '<a b="1\r\n2\r3\n4\t5">1\r\n2\r3\n4\r\r\n</a>\r'],
	['> in attributes and texts', '<a b="1>2"><b><c d=\'">\' e="\'/>"/>></b> ]] ></a>'],
	['names of all kinds', '<ä:_-.1 é·="1"><𐐀 𐐁="2"/><_/><:/></ä:_-.1>'],
	['names that objects have', '<a __proto__="1" constructor="2" toString="3"/>'],
	[
		'equal tags again and again',
		`<a>${'<b><c d="1" e="2">3</c><c d="1" e="2"/></b>'.repeat(3)}</a>`,
	],
	['long texts', `<a>${'x'.repeat(1000)}&amp;${']'.repeat(100)}</a>`],
	['astral and private characters', '<a b="😀">😀\ue000\ufffd\u007f\u0085\u2028</a>'],
	['an empty text', '<a></a>'],
];

const BAD: ReadonlyArray<readonly [what: string, document: string]> = [
	['nothing but a text', 'abc'],
	['nothing but a comment', '<!-- a -->'],
	['a cut tag', '<a'],
	['a cut end tag', '<a></a'],
	['no end tag', '<a>'],
	['an end tag too many', '<a/></a>'],
	['an end tag alone', '</a>'],
	['an end tag without name', '<a></></a>'],
	['an end tag of another', '<a><b></a></b>'],
	['an end tag of a longer name', '<a></ab>'],
	['an end tag with an attribute', '<a></a b="1">'],
	['a blank before the name', '< a/>'],
	['a blank before the name of an end tag', '<a></ a>'],
	['two roots', '<a/><b/>'],
	['text before the root', 'x<a/>'],
	['text after the root', '<a/>x'],
	['a reference after the root', '<a/>&#32;'],
	['a blank of another kind after the root', '<a/>\u00a0'],
	['character data after the root', '<a/><![CDATA[]]>'],
	['a document type', '<!DOCTYPE a><a/>'],
	['something else that is declared', '<a><!ELEMENT b></a>'],
	['character data in small letters', '<a><![cdata[x]]></a>'],
	['an attribute twice', '<a b="1" b="1"/>'],
	['an attribute without value', '<a b/>'],
	['an attribute without quotation marks', '<a b=1/>'],
	['no blank between attributes', '<a b="1"c="2"/>'],
	['an attribute that does not end', '<a b="1/></a>'],
	['< in an attribute', '<a b="<"/>'],
	['a slash in a tag', '<a / b="1"/>'],
	['two slashes', '<a//>'],
	['a name that begins with a digit', '<1a/>'],
	['a name that begins with a hyphen', '<-a/>'],
	['a name with a forbidden character', '<a×/>'],
	['an attribute whose name begins with a dot', '<a .b="1"/>'],
	['& alone', '<a>& b</a>'],
	['& at the end', '<a>&</a>'],
	['an unknown entity', '<a>&nbsp;</a>'],
	['an entity in capital letters', '<a>&AMP;</a>'],
	['an unknown entity in an attribute', '<a b="&x;"/>'],
	['a reference without ;', '<a>&#65</a>'],
	['a reference without number', '<a>&#;</a>'],
	['a reference in capital X', '<a>&#X41;</a>'],
	['a reference to a control character', '<a>&#0;</a>'],
	['a reference to half a character', '<a>&#xD800;</a>'],
	['a reference to no character', '<a>&#xFFFE;</a>'],
	['a reference beyond all characters', '<a>&#x110000;</a>'],
	['a control character in a text', '<a>\u0001</a>'],
	['a control character in an attribute', '<a b="\u001f"/>'],
	['a control character in a comment', '<a><!--\u0000--></a>'],
	['a form feed between attributes', '<a\fb="1"/>'],
	['no character', '<a>\uffff</a>'],
	[']]> in a text', '<a>]]></a>'],
	['-- in a comment', '<a><!-- -- --></a>'],
	['--- at the end of a comment', '<a><!-- --->x</a>'],
	['a comment that does not end', '<a/><!-- '],
	['character data that does not end', '<a><![CDATA[</a>'],
	['an instruction that does not end', '<a/><?b '],
	['an instruction without name', '<a><? b?></a>'],
	['an instruction with a strange name', '<a><?b=1?></a>'],
	['an instruction that ends by halves', '<a><?b?c?></a>'],
	['a declaration after a blank', ' <?xml version="1.0"?><a/>'],
	['a declaration inside', '<a><?xml version="1.0"?></a>'],
	['a declaration in capitals', '<?XML version="1.0"?><a/>'],
	['a declaration without version', '<?xml encoding="UTF-8"?><a/>'],
	['a declaration with something else', '<?xml version="1.0" a="b"?><a/>'],
];

test.each(GOOD)('reads %s, cut into pieces anywhere, as another parser does', (_what, document) => {
	const said = read(document);
	expect(said).toEqual(readBySaxes(document));
	for (let at = 1; at < document.length; at++) {
		expect(read(document.slice(0, at), document.slice(at)), `cut at ${at}`).toEqual(said);
	}
	expect(read(...document)).toEqual(said);
});

test.each(BAD)('refuses %s, cut into pieces anywhere', (_what, document) => {
	expect(() => read(document)).toThrow(/^line \d+, column \d+: /);
	for (let at = 1; at < document.length; at++) {
		expect(() => read(document.slice(0, at), document.slice(at)), `cut at ${at}`).toThrow();
	}
	expect(() => read(...document)).toThrow();
});

test('refuses a tag that never ends before it fills the memory', () => {
	const piece = 'x'.repeat(1024 * 1024);
	const pieces = Array.from({ length: 64 }, () => piece);
	expect(() => read('<a b="', ...pieces)).toThrow('a tag is too long');
	expect(() => read('<a>', '&', ...pieces)).toThrow('& begins no reference');
});

test('says the line and the column', () => {
	expect(() => read('<a>\n<b>\r\n  ', '<c></d>')).toThrow(/^line 3, column 6: <\/d> ends/);
});

describe('against another parser', () => {
	const ATOMS = [
		...['<', '>', '</', '/>', '<a>', '</a>', '<b>', '</b>', '<a/>', '<b c="1">', '<b c="1"/>'],
		...["<b c='&lt;'/>", ' ', '\n', '\r\n', '\r', '\t', '=', '"', "'", '&', '&amp;', '&#65;'],
		...[
			'&#x0;',
			';',
			'<!--',
			'-->',
			'--',
			'-',
			'<![CDATA[',
			']]>',
			']',
			']]',
			'<?',
			'?>',
			'<?p ?>',
		],
		...['?', '!', 'x', 'ä', '😀', '\u0001', '1', ':', '.', '<?xml version="1.0"?>', '<!DOCTYPE a>'],
	];
	const documents = fc.array(fc.constantFrom(...ATOMS), { maxLength: 12 });

	/** saxes takes `<?a?b?>`, which has no blank after its name, for an instruction. */
	const compare = (document: string): void => {
		fc.pre(!/<\?[^\s?]+\?(?!>)/.test(document));
		expect(outcome(() => read(document))).toEqual(outcome(() => readBySaxes(document)));
	};

	test('accepts and refuses the same, and reads the same', () => {
		const check = (atoms: readonly string[]): void => compare(`<a>${atoms.join('')}</a>`);
		fc.assert(fc.property(documents, check), { numRuns: 40_000 });
	});

	test('also around the root', () => {
		const check = (before: readonly string[], after: readonly string[]): void =>
			compare(`${before.join('')}<a>x</a>${after.join('')}`);
		fc.assert(fc.property(documents, documents, check), { numRuns: 20_000 });
	});

	test('also with one character of a good document changed', () => {
		const good = GOOD.map(([, document]) => document);
		const characters = '<>/&;"\'=]-![?x \n\r\u0000';
		const change = fc.record({
			document: fc.constantFrom(...good),
			at: fc.nat(),
			character: fc.constantFrom('', ...characters),
		});
		fc.assert(
			fc.property(change, ({ document, at, character }) => {
				// Half a surrogate pair is refused where bytes become text.
				const whole = [...document];
				whole[at % whole.length] = character;
				compare(whole.join(''));
			}),
			{ numRuns: 20_000 },
		);
	});

	test('reads what it has read in any pieces', () => {
		const pieces = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 10 });
		const check = (atoms: readonly string[], lengths: readonly number[]): void => {
			const document = `<a>${atoms.join('')}</a>`;
			const cut: string[] = [];
			for (let at = 0, turn = 0; at < document.length; turn++) {
				const length = 1 + (lengths[turn % lengths.length] ?? 0);
				cut.push(document.slice(at, at + length));
				at += length;
			}
			expect(outcome(() => read(...cut))).toEqual(outcome(() => read(document)));
		};
		fc.assert(fc.property(documents, pieces, check), { numRuns: 20_000 });
	});
});
