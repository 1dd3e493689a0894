import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';

import {
	CaosDbClient,
	type Entity,
	SessionHttp,
	newEntity,
	newParent,
	newProperty,
	readRole,
	refusalError,
	remarkLine,
} from '../../lib/entity/index.ts';
import { PlainHttp } from '../../lib/standalone/index.ts';
import type { Fault } from '../emulator/index.ts';
import { emulatorHttp, testClient } from './test-client.ts';

const SAMPLE = newEntity('RecordType', { id: '-1', name: 'Sample' });

function samples(count: number): Entity[] {
	return Array.from({ length: count }, (_, index) =>
		newEntity('Record', {
			...{ id: `-${index + 2}`, name: `S${index}` },
			parents: [newParent({ id: '-1' })],
		}),
	);
}

/** Inserts a type and so many records; their ids. */
async function fill(client: CaosDbClient, count: number): Promise<string[]> {
	const result = await client.insert([SAMPLE, ...samples(count)]);
	if (result.kind === 'refused') throw new Error('The insert was refused.');
	return result.entities.slice(1).map(({ id }) => id ?? '');
}

async function queried(client: CaosDbClient, pageLength?: number): Promise<Entity[]> {
	const found: Entity[] = [];
	const options = pageLength === undefined ? {} : { pageLength };
	for await (const { entities } of client.query('FIND RECORD Sample', options))
		found.push(...entities);
	return found;
}

async function retrieved(client: CaosDbClient, keys: readonly string[]) {
	const found = { entities: [] as Entity[], missing: [] as string[] };
	for await (const { entities, missing } of client.retrieve(keys)) {
		found.entities.push(...entities);
		found.missing.push(...missing);
	}
	return found;
}

test('the server says who asks', async () => {
	const { client } = await testClient();
	const info = await client.info();
	expect(info).toMatchObject({ user: 'admin', realm: 'PAM', roles: ['administration'] });
	expect(info.timeZone?.offset).toMatch(/^[+-]\d{4}$/);
});

test('entities go in, come back by query, id and name, change, and go', async () => {
	const { client } = await testClient();
	const ids = await fill(client, 7);
	expect((await queried(client, 3)).map(({ id }) => id)).toEqual(ids);
	expect(await client.count('FIND RECORD Sample')).toBe(7);
	const { entities, missing } = await retrieved(client, [...ids, '9999', 'nobody']);
	expect(entities.map(({ id }) => id)).toEqual(ids);
	expect(missing).toEqual(['9999', 'nobody']);
	const [first] = await client.named('s0');
	if (first === undefined) throw new Error('S0 is missing.');
	await client.update([{ ...first, description: 'new' }]);
	expect((await retrieved(client, [first.id ?? ''])).entities[0]?.description).toBe('new');
	await client.remove(ids);
	expect(await client.count('FIND RECORD Sample')).toBe(0);
});

test('a file goes up and down as a stream', async () => {
	const { client } = await testClient();
	const content = Buffer.alloc(700_000, 'äbc');
	const checksum = createHash('sha512').update(content).digest('hex');
	const file = newEntity('File', { id: '-1', name: 'ü', path: '/lab/ü 1.txt', checksum });
	const open = async (): Promise<Readable> => Readable.from([content]);
	const result = await client.insert([file], {
		uploads: new Map([[0, { bytes: content.length, open }]]),
	});
	expect(result.kind).toBe('done');
	const found = await client.fileAt('/lab/ü 1.txt');
	expect(found).toMatchObject({ checksum, size: String(content.length) });
	expect((await client.download('/lab/ü 1.txt', buffer)).equals(content)).toBe(true);
	await expect(client.download('/lab/none', buffer)).rejects.toMatchObject({
		code: 'entity_file_missing',
	});
	await expect(client.download('/lab/../x', buffer)).rejects.toMatchObject({
		code: 'tree_entry_unsafe',
	});
});

test('an upload whose session has ended is sent whole again', async () => {
	const { client, emulator } = await testClient();
	emulator.faults.add({ fault: { kind: 'status', status: 401 }, method: 'POST', path: '^/Entity' });
	const content = Buffer.alloc(300_000, 'x');
	const open = async (): Promise<Readable> => Readable.from([content]);
	const file = newEntity('File', { id: '-1', path: '/a' });
	const result = await client.insert([file], {
		uploads: new Map([[0, { bytes: content.length, open }]]),
	});
	expect(result.kind).toBe('done');
	expect((await client.download('/a', buffer)).length).toBe(content.length);
});

test('a refused insert changes nothing and names the entity', async () => {
	const { client } = await testClient();
	const orphan = newEntity('Record', {
		...{ id: '-1', name: 'A' },
		properties: [newProperty({ name: 'nope', value: '1' })],
	});
	const result = await client.insert([newEntity('RecordType', { id: '-2', name: 'B' }), orphan]);
	if (result.kind !== 'refused') throw new Error('It was not refused.');
	expect(result.refusals[0]).toMatchObject({ index: 1, message: { kind: 'Error', code: '101' } });
	expect(refusalError([SAMPLE, orphan], result.refusals, 'the insert').message).toContain(
		"Record 'A'",
	);
	expect(await client.named('B')).toEqual([]);
});

test('a query that cannot be read is refused with the words of the server', async () => {
	const { client } = await testClient();
	await expect(client.query('FIND ENTITY WITH ').next()).rejects.toMatchObject({
		code: 'server_refused',
	});
});

test('batches are halved until the server takes them, a single key that is too long is an error', async () => {
	const { client, emulator } = await testClient();
	const ids = await fill(client, 40);
	const fault = { kind: 'url-limit', length: 60, status: 414 } as const;
	emulator.faults.add({ fault, times: 0 });
	expect((await retrieved(client, ids)).entities.map(({ id }) => id)).toEqual(ids);
	await expect(retrieved(client, ['x'.repeat(100)])).rejects.toMatchObject({
		...{ code: 'server_failed', details: { status: 414 } },
	});
});

describe('reading goes on after a failure that passes', () => {
	test.each<Fault>([
		{ kind: 'cut-before' },
		{ kind: 'unanswered' },
		{ kind: 'cut-inside' },
		{ kind: 'cut-after' },
		{ kind: 'status', status: 500 },
		{ kind: 'status', status: 502, html: true },
		{ kind: 'status', status: 401 },
		{ kind: 'html' },
		{ kind: 'cut-xml' },
		{ kind: 'empty' },
		{ kind: 'short-page' },
		{ kind: 'cleared-cookie' },
	])('$kind', async (fault) => {
		const { client, emulator } = await testClient();
		const ids = await fill(client, 6);
		emulator.faults.add({ fault, method: 'GET', skip: 1 });
		expect((await queried(client, 2)).map(({ id }) => id)).toEqual(ids);
	});
});

describe('reading ends with an error when the failure stays', () => {
	test.each<[Fault, string]>([
		[{ kind: 'cut-before' }, 'http_failed'],
		[{ kind: 'cut-inside' }, 'http_failed'],
		[{ kind: 'status', status: 500 }, 'server_failed'],
		[{ kind: 'status', status: 403 }, 'server_access_denied'],
		[{ kind: 'status', status: 401 }, 'server_access_denied'],
		[{ kind: 'html' }, 'server_answer_invalid'],
		[{ kind: 'cut-xml' }, 'server_answer_invalid'],
		[{ kind: 'empty' }, 'server_answer_invalid'],
		[{ kind: 'redirect', location: 'http://other/' }, 'server_answer_invalid'],
		[{ kind: 'short-page' }, 'server_answer_invalid'],
		[{ kind: 'changed-etag' }, 'server_changed'],
	])('%j', async (fault, code) => {
		const { client, emulator } = await testClient();
		await fill(client, 6);
		emulator.faults.add({ fault, method: 'GET', skip: 1, times: 0 });
		await expect(queried(client, 2)).rejects.toMatchObject({ code });
	});
});

describe('a write is sent once', () => {
	test.each<[Fault, string]>([
		[{ kind: 'cut-before' }, 'server_outcome_unknown'],
		[{ kind: 'unanswered' }, 'server_outcome_unknown'],
		[{ kind: 'cut-inside' }, 'server_outcome_unknown'],
		[{ kind: 'status', status: 500 }, 'server_outcome_unknown'],
		[{ kind: 'html' }, 'server_outcome_unknown'],
		[{ kind: 'cut-xml' }, 'server_outcome_unknown'],
		[{ kind: 'no-ids' }, 'server_outcome_unknown'],
		[{ kind: 'redirect', location: 'http://other/' }, 'server_answer_invalid'],
		[{ kind: 'status', status: 403 }, 'server_access_denied'],
	])('%j', async (fault, code) => {
		const { client, emulator } = await testClient();
		emulator.faults.add({ fault, method: 'POST', path: '^/Entity' });
		await expect(client.insert([SAMPLE])).rejects.toMatchObject({ code });
		const wasCarriedOut = ['unanswered', 'cut-inside', 'cut-xml', 'no-ids'].includes(fault.kind);
		expect(await client.named('Sample')).toHaveLength(wasCarriedOut ? 1 : 0);
	});
});

test('a write that the server certainly did not begin is sent again', async () => {
	const { client, emulator } = await testClient();
	emulator.faults.add({ fault: { kind: 'status', status: 503 }, method: 'POST', path: '^/Entity' });
	expect((await client.insert([SAMPLE])).kind).toBe('done');
	expect(await client.named('Sample')).toHaveLength(1);
});

test('a wrong password is told as such, and a token serves as well', async () => {
	const { emulator } = await testClient();
	const signal = new AbortController().signal;
	const exchange = new PlainHttp({ baseUrl: emulator.url });
	const wrong = new SessionHttp(exchange, { kind: 'password', user: 'admin', password: 'no' });
	await expect(new CaosDbClient({ http: wrong, signal }).info()).rejects.toMatchObject({
		code: 'server_access_denied',
	});
	const token = new SessionHttp(exchange, { kind: 'token', token: emulator.authToken('admin') });
	expect((await new CaosDbClient({ http: token, signal }).info()).user).toBe('admin');
});

test('requests that start together share one login', async () => {
	const { client, emulator } = await testClient();
	await Promise.all([client.info(), client.info(), client.info()]);
	const logins = emulator.times.list().filter((line) => JSON.stringify(line).includes('login'));
	expect(JSON.stringify(logins)).toContain('"count":1');
});

test('a cancel ends a wait for a silent server', async () => {
	const { emulator } = await testClient();
	emulator.faults.add({ fault: { kind: 'slow', delay: 20_000 }, times: 0, path: '/Info' });
	const cancel = new AbortController();
	const http = new SessionHttp(new PlainHttp({ baseUrl: emulator.url }), {
		...{ kind: 'token', token: emulator.authToken('admin') },
	});
	const asking = new CaosDbClient({ http, signal: cancel.signal }).info();
	setTimeout(() => cancel.abort(), 50);
	await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
});

test('a server that says nothing for too long is given up', async () => {
	const { emulator } = await testClient();
	emulator.faults.add({ fault: { kind: 'slow', delay: 20_000 }, times: 0, path: '/Info' });
	const http = new SessionHttp(new PlainHttp({ baseUrl: emulator.url }), {
		...{ kind: 'token', token: emulator.authToken('admin') },
	});
	const rules = { timeoutMs: 60, attempts: 2, backOffMs: 1 };
	const client = new CaosDbClient({ http, signal: new AbortController().signal, rules });
	await expect(client.info()).rejects.toMatchObject({ code: 'http_failed' });
});

test('a role comes with its rules', async () => {
	const { client } = await testClient();
	const { name, role } = await readRole(client, 'administration');
	expect(name).toBe('administration');
	expect(role).not.toBeNull();
});

test('what the server remarks reaches the caller, with the entity it is about', async () => {
	const { emulator } = await testClient();
	const lines: string[] = [];
	const client = new CaosDbClient({
		...{ http: emulatorHttp(emulator), signal: new AbortController().signal },
		onRemark: (remark) => lines.push(remarkLine(remark)),
	});
	await client.insert([newEntity('Record', { id: '-1', name: 'Lonely' })]);
	expect(lines).toHaveLength(1);
	expect(lines[0]).toMatch(/^The server says of Record 'Lonely' \(id \d+\): Entity has no parents/);
});
