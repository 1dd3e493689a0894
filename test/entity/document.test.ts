import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newEntity, newProperty } from '../../lib/entity/index.ts';
import { anyEntity } from './entity-arbitraries.ts';
import { documentOf, documentText, readOne } from './read-document.ts';

test('what is written is read back, in pieces of any length, pretty or not', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(anyEntity, { maxLength: 3 }),
			fc.boolean(),
			fc.integer({ min: 1, max: 64 }),
			async (entities, isPretty, length) => {
				const text = await documentText(entities, isPretty);
				expect(await documentOf(text, length).all()).toEqual(entities);
			},
		),
		{ numRuns: 300 },
	);
});

test('a document that is cut anywhere is refused', async () => {
	const whole = await documentText(
		[newEntity('Record', { id: '1', properties: [newProperty({ name: 'ü', value: 'a' })] })],
		true,
	);
	const bytes = Buffer.from(whole.trimEnd(), 'utf8');
	for (let length = 0; length < bytes.length; length++) {
		const cut = documentOf(bytes.subarray(0, length));
		await expect(cut.all(), `cut at ${length}`).rejects.toMatchObject({ code: 'xml_invalid' });
	}
	expect(await documentOf(bytes).all()).toHaveLength(1);
});

test.each([
	['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><Entities/>'],
	['an entity of its own', '<Entities><Record name="&x;"/></Entities>'],
	['two roots', '<Entities/><Entities/>'],
	['text between entities', '<Entities>x<Record/></Entities>'],
	['the same attribute twice', '<Entities><Record id="1" id="2"/></Entities>'],
	['a control character', '<Entities><Record name="&#11;"/></Entities>'],
	['nothing', ''],
	['text in pieces', '<Entities><Record><Property>a<Property/>b</Property></Record></Entities>'],
	['text beside values', '<Entities><Record><Property>a<Value/></Property></Record></Entities>'],
	[
		'lists in lists',
		'<Entities><Record><Property><Value><Value/></Value></Property></Record></Entities>',
	],
])('%s is refused', async (_what, text) => {
	await expect(documentOf(text).all()).rejects.toMatchObject({ code: 'xml_invalid' });
});

test('a document that is too deep is refused', async () => {
	const text = `<Entities>${'<a>'.repeat(300)}${'</a>'.repeat(300)}</Entities>`;
	await expect(documentOf(text).all()).rejects.toMatchObject({ code: 'limit_exceeded' });
});

test('an answer keeps what stands beside the entities, and leaves permissions out', async () => {
	const document = documentOf(
		'<?xml version="1.0"?><?xml-stylesheet href="x"?><Response srid="a"><UserInfo username="u"/>' +
			'<Error code="12" description="d">long</Error><Query results="1"><TransactionBenchmark/></Query>' +
			'<Record id="1"><Permissions><Permission name="x"/></Permissions><Info code="10"/></Record></Response>',
	);
	const [record] = await document.all();
	expect(record?.children).toEqual([]);
	expect(record?.messages).toEqual([{ kind: 'Info', code: '10', description: null, text: '' }]);
	expect(document.rootName).toBe('Response');
	expect({ ...document.rootAttributes }).toEqual({ srid: 'a' });
	expect(document.messages).toEqual([
		{ kind: 'Error', code: '12', description: 'd', text: 'long' },
	]);
	expect(document.others.map(({ name }) => name)).toEqual(['UserInfo', 'Query']);
});

test('indentation is no value, and blanks alone are one', async () => {
	const indented = await readOne(
		'<Response>\n  <Record>\n    <Property name="a">\n      <Permissions/>\n    </Property>\n' +
			'    <Property name="b"><Value>\n  <EmptyString/>\n</Value>\n  </Property>\n  </Record>\n</Response>',
	);
	expect(indented.properties.map(({ value }) => value)).toEqual([null, ['']]);
	const blank = await readOne(
		'<Response><Record><Property name="a">   </Property><Property name="b">  <Permissions/></Property>' +
			'<Property name="c">4.5<Version id="1"/></Property></Record></Response>',
	);
	expect(blank.properties.map(({ value }) => value)).toEqual(['   ', '  ', '4.5']);
});

test('a reference that the server resolved is read as its id', async () => {
	const record = await readOne(
		'<Response><Record><Property name="a"><Record id="7" name="x"/></Property>' +
			'<Property name="b"><Value><File id="8"/></Value><Value>9@ab</Value></Property></Record></Response>',
	);
	expect(record.properties.map(({ value }) => value)).toEqual(['7', ['8', '9@ab']]);
});

test('names of roles and values are known in any letter case, unknown parts are kept', async () => {
	const text =
		'<Entities><record id="1" odd="x"><property id="2" cuid="c"><value>a</value><Version id="v"/></property>' +
		'<History transaction="INSERT"/></record></Entities>';
	const record = await readOne(text);
	expect(record.role).toBe('Record');
	expect(record.properties[0]?.value).toEqual(['a']);
	expect(await documentText([record], false)).toBe(
		'<Entities><Record id="1" odd="x"><Property id="2" cuid="c"><Value>a</Value><Version id="v"/></Property>' +
			'<History transaction="INSERT"/></Record></Entities>',
	);
});

test('other encodings and a byte order mark are read', async () => {
	const latin = Buffer.from(
		'<?xml version="1.0" encoding="ISO-8859-1"?><Entities><Record name="ü"/></Entities>',
		'latin1',
	);
	expect((await documentOf(latin, 1).all())[0]?.name).toBe('ü');
	const marked = Buffer.from('\uFEFF<Entities><Record name="ü"/></Entities>', 'utf16le');
	expect((await documentOf(marked, 3).all())[0]?.name).toBe('ü');
	const broken = Buffer.from('<Entities><Record name="ü"/></Entities>', 'latin1');
	await expect(documentOf(broken).all()).rejects.toMatchObject({ code: 'xml_invalid' });
});

test('a text of 12 MB survives', async () => {
	const value = `${'0123456789 ü'.repeat(1_000_000)} `;
	const record = newEntity('Record', { properties: [newProperty({ name: 'long', value })] });
	const [read] = await documentOf(await documentText([record], true)).all();
	expect(read?.properties[0]?.value === value).toBe(true);
});

test('a character that XML cannot hold is an error that names entity and property', async () => {
	const record = newEntity('Record', {
		...{ id: '12', name: 'S1' },
		properties: [newProperty({ name: 'remark', value: ['fine', 'a\u000bb'] })],
	});
	const failing = documentText([record], true);
	await expect(failing).rejects.toMatchObject({ code: 'entity_unwritable' });
	await expect(failing).rejects.toThrow("Record 'S1' (id 12), property 'remark'");
	await expect(failing).rejects.toThrow('U+000B');
});
