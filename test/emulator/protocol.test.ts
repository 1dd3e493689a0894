import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { entities, errorCodes, idOf } from './raw-client.ts';
import { testEmulator } from './test-emulator.ts';
import { attribute, childElements, ownText } from './xml-node.ts';
import { XmlSyntaxError } from './xml-reader.ts';

const MODEL = `<RecordType id="-1" cuid="c1" name="Sample"/>
	<Property id="-2" name="note" datatype="TEXT"/>`;

describe('the protocol, beyond what the official client can say', () => {
	it('has string ids when asked, and links temporary ids to them', async () => {
		const { emulator, client } = await testEmulator({ ids: 'string' });
		const [type, property, record] = await client.insert(
			`${MODEL}<Record id="-3"><Parent id="-1"/><Property id="-1" datatype="-1">-3</Property></Record>`,
		);
		expect(idOf(type)).toMatch(/^[0-9a-f-]{36}$/);
		expect(attribute(type ?? { name: '', attributes: new Map(), children: [] }, 'cuid')).toBe('c1');
		expect(property).toBeDefined();
		const stored = emulator.store.head(idOf(record));
		expect(stored?.parents).toEqual([idOf(type)]);
		expect(stored?.properties[0]?.value).toBe(idOf(record));
		const [again] = await client.retrieve(idOf(record));
		expect(idOf(again)).toBe(idOf(record));
		const [missing] = await client.retrieve('00000000-0000-4000-8000-000000000000');
		expect(errorCodes(missing)).toEqual(['101']);
	});

	it('never gives a number twice', async () => {
		const { client } = await testEmulator();
		const [first] = await client.insert('<RecordType name="a"/>');
		await client.remove(idOf(first));
		const [second] = await client.insert('<RecordType name="a"/>');
		expect(Number(idOf(second))).toBeGreaterThan(Number(idOf(first)));
	});

	it('takes any root element, ids with a raw & between them, and doubled slashes', async () => {
		const { client } = await testEmulator();
		const answer = await client.send('POST', '/Entity', {
			body: '<Post><RecordType name="a"/><RecordType name="b"/></Post>',
		});
		const [a, b] = entities(answer.root()).map(idOf);
		expect((await client.retrieve(`${a}&${b}`)).map(idOf)).toEqual([a, b]);
		expect((await client.retrieve(`${a}%26b`)).map(idOf)).toEqual([a, b]);
		expect((await client.send('GET', `//Entity//${a}`)).status).toBe(200);
		expect(await client.retrieve('')).toEqual([]);
	});

	it('keeps white space of values, and tells null from an empty string', async () => {
		const { client } = await testEmulator();
		const [, , record] = await client.insert(`${MODEL}<Record>
			<Parent id="-1"/>
			<Property id="-2">  pad  </Property>
			<Property id="-2"> </Property>
			<Property id="-2"><EmptyString/></Property>
			<Property id="-2"/>
			<Property id="-2" datatype="LIST&lt;TEXT&gt;"><Value>a&#13;&#10;b</Value><Value/><Value><EmptyString/></Value></Property>
		</Record>`);
		const [again] = await client.retrieve(idOf(record));
		const [pad, blank, empty, none, list] =
			again === undefined ? [] : childElements(again, 'Property');
		expect([pad, blank, empty, none].map((one) => one && ownText(one))).toEqual([
			'  pad  ',
			' ',
			'',
			'',
		]);
		expect([empty, none].map((one) => one?.children.length)).toEqual([1, 0]);
		const values = list === undefined ? [] : childElements(list, 'Value');
		expect(values.map(ownText)).toEqual(['a\r\nb', '', '']);
		expect(values.map(({ children }) => children.length)).toEqual([1, 0, 1]);
	});

	it('ignores versions, permissions, cuids and messages that come back', async () => {
		const { client } = await testEmulator();
		const [type] = await client.insert(MODEL);
		const [again] =
			await client.update(`<RecordType id="${idOf(type)}" name="Sample" description="d" cuid="x">
			<Version id="0000000000000000000000000000000000000000"/><Error code="5" description="old"/><Permissions/>
			<Property name="note" cuid="y" importance="SUGGESTED"><Version id="1"/><Error code="6" description="old"/></Property>
		</RecordType>`);
		expect(errorCodes(again)).toEqual([]);
		const [property] = again === undefined ? [] : childElements(again, 'Property');
		expect(property?.attributes.has('cuid')).toBe(false);
		expect(again?.attributes.get('cuid')).toBe('x');
	});

	it('says what is wrong on the level where it is wrong, with the temporary ids', async () => {
		const { client } = await testEmulator();
		const answer = await client.send('POST', '/Entity?uniquename=true', {
			body: `<Insert><Record id="-1" name="A"><Parent name="nope"/><Property name="nope"/></Record>
				<RecordType id="-2" name="B"/></Insert>`,
		});
		expect(answer.status).toBe(200);
		const root = answer.root();
		expect(errorCodes(root)).toEqual(['12']);
		const [record, type] = entities(root);
		expect(errorCodes(record).sort()).toEqual(['114', '116']);
		expect([idOf(record), idOf(type), errorCodes(type)]).toEqual(['-1', '-2', []]);
		const inner =
			record === undefined
				? []
				: [...childElements(record, 'Parent'), ...childElements(record, 'Property')];
		expect(inner.map(errorCodes)).toEqual([['101'], ['101']]);
	});

	it('answers 400 to what is no XML, 418 to a wrong first part, 404 and 405 elsewhere', async () => {
		const { client } = await testEmulator();
		const status = async (...request: Parameters<typeof client.send>): Promise<number> =>
			(await client.send(...request)).status;
		expect(await status('POST', '/Entity', { body: '<Insert>' })).toBe(400);
		const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
		const wrong =
			'--b\r\nContent-Disposition: form-data; name="Other"\r\nContent-Type: text/plain\r\n\r\n<Insert/>\r\n--b--\r\n';
		expect(await status('POST', '/Entity', { body: wrong, headers })).toBe(418);
		expect(await status('POST', '/Entity', { body: 'x', headers })).toBe(400);
		expect(await status('GET', '/Nothing')).toBe(404);
		expect(await status('GET', '/FileSystem/no/file')).toBe(404);
		expect(await status('PATCH', '/Entity/1')).toBe(405);
		expect(await status('GET', '/Entity/%')).toBe(400);
	});

	it('refuses bodies above its limit, and requests without or with a wrong token', async () => {
		const { client } = await testEmulator({ bodyLimit: 1000 });
		expect((await client.send('POST', '/Entity', { body: 'x'.repeat(1001) })).status).toBe(413);
		for (const Cookie of ['', 'SessionToken=;', 'SessionToken=%5B%5D;', 'Other=1;']) {
			expect((await client.send('GET', '/Info', { headers: { Cookie } })).status).toBe(401);
		}
	});

	it('keeps a session alive as long as it is used', async () => {
		vi.useFakeTimers({ toFake: ['Date'] });
		onTestFinished(() => void vi.useRealTimers());
		const { emulator, client } = await testEmulator({ sessionTimeout: 60_000 });
		const login = await client.send('POST', '/login/', {
			body: 'username=admin&password=caosdb',
			headers: { Cookie: '' },
		});
		let [cookie = ''] = login.headers['set-cookie'] ?? [];
		expect(cookie).toMatch(/^SessionToken=[^;]+; /);
		for (let round = 0; round < 4; round++) {
			vi.setSystemTime(Date.now() + 40_000);
			const answer = await client.send('GET', '/Info', { headers: { Cookie: cookie } });
			expect(answer.status).toBe(200);
			[cookie = ''] = answer.headers['set-cookie'] ?? [];
		}
		vi.setSystemTime(Date.now() + 61_000);
		const late = await client.send('GET', '/Info', { headers: { Cookie: cookie } });
		expect(late.status).toBe(401);
		const kinds = emulator.times.list().map(({ kind }) => kind);
		expect(kinds.sort()).toEqual(['GET Info', 'POST login']);
	});

	it('answers documents that end where they should', async () => {
		const { emulator, client } = await testEmulator();
		await client.insert(MODEL);
		for (const kind of ['cut-xml', 'html', 'empty'] as const) {
			emulator.faults.add({ fault: { kind } });
			const answer = await client.send('GET', '/Entity?query=FIND%20ENTITY');
			expect(answer.status).toBe(200);
			expect(answer.root).toThrow(XmlSyntaxError);
		}
		emulator.faults.add({ fault: { kind: 'cut-inside' } });
		await expect(client.query('FIND ENTITY')).rejects.toThrow('aborted');
		emulator.faults.add({ fault: { kind: 'cut-before' } });
		await expect(client.query('FIND ENTITY')).rejects.toThrow();
		expect((await client.query('FIND ENTITY')).name).toBe('Response');
	});

	it('arms failures and tells times through its control address', async () => {
		const { client } = await testEmulator();
		const rule = { fault: { kind: 'status', status: 503 }, method: 'GET', path: '^/Info' };
		await client.send('POST', '/_emulator/faults', { body: JSON.stringify(rule) });
		expect((await client.send('GET', '/Info')).status).toBe(503);
		expect((await client.send('GET', '/Info')).status).toBe(200);
		const listed = await client.send('GET', '/_emulator/faults');
		expect(JSON.parse(listed.body.toString())).toEqual([{ rule, seen: 2 }]);
		await client.send('DELETE', '/_emulator/faults');
		expect((await client.send('GET', '/_emulator/faults')).body.toString()).toBe('[]');
		const times = await client.send('GET', '/_emulator/times');
		expect(JSON.parse(times.body.toString())).toMatchObject([{ kind: 'GET Info', count: 2 }]);
		expect((await client.send('POST', '/_emulator/faults', { body: 'x' })).status).toBe(400);
	});

	it('looks for records only, or for everything, when a query names no role', async () => {
		for (const [findDefaultRole, wanted] of [
			['RECORD', ['Record']],
			['ENTITY', ['RecordType', 'Record']],
		] as const) {
			const { client } = await testEmulator({ findDefaultRole });
			await client.insert(`${MODEL}<Record name="r"><Parent name="Sample"/></Record>`);
			const found = entities(await client.query('FIND Sample'));
			expect(found.map(({ name }) => name)).toEqual(wanted);
		}
	});

	it('keeps files as a file root, with thumbnails beside it', async () => {
		const { emulator, client } = await testEmulator();
		const part = (name: string, content: string): string =>
			`--b\r\nContent-Disposition: form-data; name="x"; filename="${name}"\r\n\r\n${content}\r\n`;
		const body = `--b\r\nContent-Disposition: form-data; name="FileRepresentation"\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n<Insert><File path="a b/ü.txt" upload="t"/></Insert>\r\n${part('t', 'content')}${part('t.thumbnail', 'small')}--b--\r\n`;
		const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
		const answer = await client.send('POST', '/Entity', { body, headers });
		expect(entities(answer.root()).map((one) => attribute(one, 'path'))).toEqual(['/a b/ü.txt']);
		expect(await readFile(join(emulator.folder, 'a b/ü.txt'), 'utf8')).toBe('content');
		const thumbnail = await client.send('GET', '/Thumbnails/a%20b/%C3%BC.txt');
		expect(thumbnail.body.toString()).toBe('small');
		const listing = (await client.send('GET', '/FileSystem/a%20b/')).root();
		const [folder] = childElements(listing, 'dir');
		expect(folder && childElements(folder, 'file').map((one) => attribute(one, 'name'))).toEqual([
			'ü.txt',
		]);
	});
});
