import { once } from 'node:events';
import { writeFile, readFile, readdir } from 'node:fs/promises';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { describe, expect, onTestFinished, test } from 'vitest';

import { PlainHttp, FolderBinaryStore } from '../../lib/standalone/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const FILE = { fileName: 'a.tar', mimeType: 'application/x-tar' };

describe('a folder as binary store', () => {
	test('gives back what was stored', async () => {
		const store = new FolderBinaryStore(await temporaryFolder());
		const stored = await store.write(Readable.from([Buffer.from('ab'), Buffer.from('c')]), FILE);
		expect(stored).toEqual({ id: 'a.tar', bytes: 3 });
		expect((await buffer(await store.read('a.tar'))).toString()).toBe('abc');
		expect((await buffer(await store.read('a.tar'))).toString()).toBe('abc');
	});

	test('stores nothing of a stream that fails', async () => {
		const folder = await temporaryFolder();
		const failing = Readable.from(
			(async function* () {
				yield Buffer.from('half');
				throw new Error('source broke');
			})(),
		);
		const writing = new FolderBinaryStore(folder).write(failing, FILE);
		await expect(writing).rejects.toThrow();
		expect(await readdir(folder)).toEqual([]);
	});

	test('replaces nothing, and leaves its folder for nobody', async () => {
		const folder = await temporaryFolder();
		await writeFile(join(folder, 'a.tar'), 'old');
		const store = new FolderBinaryStore(folder);
		await expect(store.write(Readable.from(['new']), FILE)).rejects.toMatchObject({
			code: 'path_exists',
		});
		expect(await readFile(join(folder, 'a.tar'), 'utf8')).toBe('old');
		expect(await readdir(folder)).toEqual(['a.tar']);
		await expect(store.read('../a.tar')).rejects.toMatchObject({ code: 'invalid_option' });
		await expect(store.read('missing')).rejects.toMatchObject({ code: 'binary_missing' });
	});
});

async function serve(listener: RequestListener): Promise<PlainHttp> {
	const server = createServer(listener).listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => void server.close());
	const { port } = server.address() as AddressInfo;
	return new PlainHttp({ baseUrl: `http://127.0.0.1:${port}/api`, headers: { cookie: 'session' } });
}

describe('fetch as HTTP port', () => {
	test('sends a body and takes the answer, whatever its status', async () => {
		const http = await serve((request, response) => {
			void buffer(request).then((body) => {
				response.writeHead(404, { 'set-cookie': ['a=1', 'b=2'] });
				const { method = '', url = '', headers } = request;
				response.end(`${method} ${url} ${headers.cookie ?? ''} ${body.toString()}`);
			});
		});
		const body = Readable.from([Buffer.from('<a/>')]);
		const answer = await http.request({ method: 'POST', path: 'Entity/1%262', body });
		expect(answer.status).toBe(404);
		expect(answer.headers['set-cookie']).toBe('a=1\nb=2');
		expect((await buffer(answer.body)).toString()).toBe('POST /api/Entity/1%262 session <a/>');
	});

	test('does not follow redirects', async () => {
		const http = await serve((_request, response) => {
			response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
		});
		expect(await http.request({ method: 'GET', path: 'x' })).toMatchObject({ status: 302 });
	});

	test('fails when there is no answer, or only half of one', async () => {
		const nobody = new PlainHttp({ baseUrl: 'http://127.0.0.1:1/' });
		await expect(nobody.request({ method: 'GET', path: '' })).rejects.toMatchObject({
			code: 'http_failed',
		});
		const http = await serve((_request, response) => {
			response.writeHead(200, { 'content-length': '10' });
			response.write('half', () => response.destroy());
		});
		const answer = await http.request({ method: 'GET', path: 'x' });
		await expect(buffer(answer.body)).rejects.toThrow();
	});
});
