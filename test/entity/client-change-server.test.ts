import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import {
	CaosDbClient,
	ClientChangeServer,
	SessionHttp,
	findChanges,
} from '../../lib/entity/index.ts';
import { PlainHttp } from '../../lib/standalone/index.ts';
import { idOf } from '../emulator/raw-client.ts';
import { stored, watchOf } from './change-world.ts';
import { QUICK_RULES, testClient } from './test-client.ts';

const { signal } = new AbortController();

/** A server that answers everything by one document. */
async function answering(document: string): Promise<ClientChangeServer> {
	const server = createServer((_request, response) => {
		response.writeHead(200, { 'content-type': 'text/xml' });
		response.end(document);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => void server.close());
	const { port } = server.address() as AddressInfo;
	const exchange = new PlainHttp({ baseUrl: `http://127.0.0.1:${port}` });
	const http = new SessionHttp(exchange, { kind: 'token', token: 'x' });
	return new ClientChangeServer(new CaosDbClient({ http, signal, rules: QUICK_RULES }));
}

const PAGE = { index: 0, length: 1 };

describe('a server that changes are asked of', () => {
	test.each([
		['no version', '<Record id="7"/>'],
		['a version without date', '<Record id="7"><Version id="a"/></Record>'],
		['a version without id', '<Record id="7"><Version date="2026-01-01T00:00:00Z"/></Record>'],
		['a date that is none', '<Record id="7"><Version id="a" date="today"/></Record>'],
	])('is refused when it tells %s', async (_what, entity) => {
		const head = '<Query results="1" etag="e"/>';
		const server = await answering(`<Response timestamp="1">${head}${entity}</Response>`);
		await expect(server.heads('FIND ENTITY', PAGE)).rejects.toMatchObject({
			code: 'server_answer_invalid',
			message: expect.stringContaining('The server tells no version of Record'),
			remedy: expect.stringContaining('ENTITY_VERSIONING'),
		});
	});

	test('is refused when it does not tell its time', async () => {
		const server = await answering('<Response><Query results="0" etag="e"/></Response>');
		await expect(server.count('COUNT ENTITY')).rejects.toMatchObject({
			code: 'server_answer_invalid',
			message: 'The server does not tell its time',
		});
	});

	test('says what it says about a query that it cannot read', async () => {
		const { client } = await testClient();
		const watch = watchOf({ query: 'FIND RECORD WITH (' });
		const polling = findChanges(new ClientChangeServer(client), watch, undefined, signal);
		await expect(polling).rejects.toMatchObject({
			code: 'server_refused',
			message: expect.stringContaining('the query ends too early'),
		});
	});

	test('has not deleted what may not be seen any more', async () => {
		const user = { name: 'reader', password: 'Reader-1', roles: [] };
		const { emulator, raw } = await testClient({ users: [user] });
		await raw.insert('<RecordType name="Sample"/>');
		const made = await raw.insert('<Record name="A"/><Record name="B"/><Record name="C"/>');
		const [hidden = '', gone = ''] = made.map(idOf);
		const exchange = new PlainHttp({ baseUrl: emulator.url });
		const signIn = { kind: 'password', user: user.name, password: user.password } as const;
		const http = new SessionHttp(exchange, signIn);
		const client = new CaosDbClient({ http, signal, rules: QUICK_RULES });
		const server = new ClientChangeServer(client);
		const { cursor } = await findChanges(server, watchOf(), undefined, signal);
		const rule = `<Deny priority="True" username="reader" realm="CaosDB"><Permission name="RETRIEVE:*"/></Deny>`;
		await raw.update(`<Record id="${hidden}" name="A"><EntityACL>${rule}</EntityACL></Record>`);
		await raw.remove(gone);
		const { changes } = await findChanges(server, watchOf(), stored(cursor), signal);
		expect(changes.map(({ event, id }) => [event, id])).toEqual([['deleted', gone]]);
	});
});
