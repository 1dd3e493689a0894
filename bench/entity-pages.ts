/*
 * A server that makes its entities up as they are asked for, so many that a real one would not hold them:
 * for the memory of an export. Speaks as much of the protocol as an export of everything needs.
 *
 * fork('bench/entity-pages.ts', ['<number of records>']) sends `{ url }` and answers messages by `{ busyMs }`.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const FIRST_ID = 100;
const total = Number(process.argv[2]);

function record(index: number): string {
	const id = FIRST_ID + index;
	const properties = Array.from({ length: 10 }, (_one, at) => {
		const value = at === 9 ? String(FIRST_ID + (index >> 1)) : `${index * 31 + at}.5`;
		const datatype = at === 9 ? 'REFERENCE' : 'DOUBLE';
		return `<Property id="${at + 20}" name="p${at}" datatype="${datatype}" importance="FIX">${value}</Property>`;
	});
	const version = `<Version id="${id.toString(16).padStart(40, '0')}" date="2026-01-05T08:00:00.000+0000" head="true"/>`;
	return `<Record id="${id}" name="S${index}">${version}${properties.join('')}</Record>`;
}

function answer(url: URL): string {
	const [index = 0, length = total] = (url.searchParams.get('P') ?? '').split('L').map(Number);
	const count = url.searchParams.has('P') ? Math.min(length, total - index) : 0;
	const records = Array.from({ length: count }, (_one, at) => record(index + at));
	const query = `<Query results="${total}" etag="e"/>`;
	const user = '<UserInfo username="admin" realm="PAM"><Roles/></UserInfo>';
	return `<Response timestamp="${Date.now()}" count="${count}">${user}${query}${records.join('')}</Response>`;
}

const server = createServer((request, response) => {
	const cookie = 'SessionToken=x; Path=/';
	response.writeHead(200, { 'content-type': 'text/xml; charset=UTF-8', 'set-cookie': cookie });
	request.resume();
	const url = new URL(request.url ?? '/', 'http://localhost');
	response.end(url.pathname === '/login' ? '' : answer(url));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.on('message', () => {
	process.send?.({ busyMs: performance.eventLoopUtilization().active });
});
process.on('disconnect', () => process.exit());
process.send?.({ url: `http://127.0.0.1:${port}` });
