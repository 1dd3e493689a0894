import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

import { controlReply } from './control.ts';
import { type Fault, type Faults, refusal } from './faults.ts';
import { harmReply, replyInstead } from './harm-reply.ts';
import { HttpError, type Reply, type Request, errorReply } from './reply.ts';
import type { Router } from './router.ts';
import type { Settings } from './server-state.ts';
import { type SignIn, signIn } from './sign-in.ts';
import type { Sessions } from './sessions.ts';
import { type Times, requestKind } from './times.ts';
import { writePrettyXml, writeXml } from './xml-writer.ts';

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

const MAX_HEADER_BYTES = 256 * 1024;

export interface ServerParts {
	readonly router: Router;
	readonly sessions: Sessions;
	readonly faults: Faults;
	readonly times: Times;
	readonly settings: Settings;
}

async function readAll(incoming: IncomingMessage, limit: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of incoming as AsyncIterable<Buffer>) {
		length += chunk.length;
		if (length <= limit) chunks.push(chunk);
	}
	if (length > limit) throw new HttpError(413, 'The request is too large.');
	return Buffer.concat(chunks);
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw new HttpError(400, 'The address is not encoded as it should be.');
	}
}

function readFlags(query: string): Map<string, string> {
	const flags = new Map<string, string>();
	for (const flag of query.split('&')) {
		const [key = '', ...rest] = flag.split('=');
		if (key !== '') flags.set(decode(key), decode(rest.join('=').replaceAll('+', ' ')));
	}
	return flags;
}

/** What lies outside the context root is no resource of the server. */
function withoutContext(url: string, { contextRoot }: Settings): string {
	const below = url.replace(/^\/+/, '/');
	return below.startsWith(`${contextRoot}/`) ? below.slice(contextRoot.length) : '/';
}

/** Serves the protocol on a port of its own. */
export class HttpServer {
	readonly #server: Server;
	readonly #parts: ServerParts;
	readonly #isBusy = new WeakSet<Socket>();
	readonly #isStale = new WeakSet<Socket>();
	readonly #stopped = new AbortController();

	constructor(parts: ServerParts) {
		this.#parts = parts;
		const { readTimeout } = parts.settings;
		// A client that announces more than it sends is cut off: the official one does so after a 401.
		const options = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: readTimeout };
		this.#server = createServer(
			{ ...options, connectionsCheckingInterval: Math.min(1000, readTimeout) },
			(incoming, outgoing) => void this.#serve(incoming, outgoing),
		);
		// The rest of a body that is longer than announced is no request; the answer still goes out.
		this.#server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Socket) => {
			const isTooSlow = code === 'ERR_HTTP_REQUEST_TIMEOUT';
			if (isTooSlow || !this.#isBusy.has(socket)) socket.destroy();
		});
	}

	/** Listens; returns the base address without a slash at its end. */
	async listen(port: number, host: string): Promise<string> {
		this.#server.listen(port, host);
		await once(this.#server, 'listening');
		const { port: bound } = this.#server.address() as AddressInfo;
		return `http://${host}:${bound}`;
	}

	/** Ends all connections, too. */
	async close(): Promise<void> {
		this.#stopped.abort();
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}

	async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		incoming.url = withoutContext(incoming.url ?? '/', this.#parts.settings);
		const { socket, method = 'GET', url } = incoming;
		if (this.#isStale.has(socket)) return void socket.destroy();
		this.#isBusy.add(socket);
		const { faults, times, settings } = this.#parts;
		try {
			const isControl = url.startsWith('/_emulator/');
			const active = isControl ? [] : faults.of({ method, url });
			if (active.some(({ kind }) => kind === 'cut-before')) return void socket.destroy();
			const body = await readAll(incoming, settings.bodyLimit).catch((error: unknown) =>
				error instanceof HttpError ? error : undefined,
			);
			if (body === undefined) return void socket.destroy();
			const start = performance.now();
			const reply = isControl
				? controlReply(this.#parts, { method, url, body: body instanceof Buffer ? body : null })
				: await this.#reply(incoming, body, active);
			if (active.some(({ kind }) => kind === 'unanswered')) return void socket.destroy();
			// A client may leave as soon as it has the last byte: that costs time, too.
			await this.#send(outgoing, reply, active).finally(() => {
				if (!isControl) times.add(requestKind(method, url), performance.now() - start);
			});
			if (active.some(({ kind }) => kind === 'cut-after')) this.#isStale.add(socket);
		} catch {
			socket.destroy();
		} finally {
			this.#isBusy.delete(socket);
		}
	}

	async #reply(
		incoming: IncomingMessage,
		body: Buffer | HttpError,
		active: readonly Fault[],
	): Promise<Reply> {
		const slow = active.find((fault) => fault.kind === 'slow');
		if (slow !== undefined) await this.#pause(slow.delay);
		const instead = replyInstead(active);
		if (instead !== undefined) return instead;
		try {
			if (body instanceof HttpError) throw body;
			const signedIn = signIn(this.#parts, incoming, body);
			if ('status' in signedIn) return signedIn;
			const request = this.#request(incoming, body, signedIn);
			const { times, router } = this.#parts;
			const reply = await times.making(async () => await router.answer(request, refusal(active)));
			harmReply(reply, active);
			const isCleared = active.some(({ kind }) => kind === 'cleared-cookie');
			const cookie = isCleared ? 'SessionToken=; Path=/' : signedIn.cookie;
			const renewed = cookie === null ? {} : { 'Set-Cookie': cookie };
			return { ...reply, headers: { ...reply.headers, ...renewed } };
		} catch (error) {
			if (error instanceof HttpError) return errorReply(error.status, error.message);
			return errorReply(
				500,
				error instanceof Error ? `${error.stack ?? error.message}` : 'Unknown.',
			);
		}
	}

	/** Ends early when the server is stopped. */
	async #pause(ms: number): Promise<void> {
		await setTimeout(ms, undefined, { signal: this.#stopped.signal });
	}

	#request(incoming: IncomingMessage, body: Buffer, { actor }: SignIn): Request {
		const { method = 'GET', url = '/', headers } = incoming;
		const [path = '', ...query] = url.split('?');
		return {
			...{ method, url, actor, body },
			segments: path
				.split('/')
				.filter((segment) => segment !== '')
				.map(decode),
			flags: readFlags(query.join('?')),
			contentType: headers['content-type'] ?? '',
		};
	}

	async #send(outgoing: ServerResponse, reply: Reply, active: readonly Fault[]): Promise<void> {
		const { status, headers, content } = reply;
		const isUpload = /multipart/.test(outgoing.req.headers['content-type'] ?? '');
		const all = { ...headers, ...(isUpload ? { Connection: 'close' } : {}) };
		const kinds = active.map(({ kind }) => kind);
		if (content.kind === 'file' && kinds.length === 0) {
			outgoing.writeHead(status, { ...all, 'Content-Length': content.size });
			await pipeline(createReadStream(content.path), outgoing);
			return;
		}
		const [original, type] = await this.#bytes(content);
		let bytes = original;
		if (kinds.includes('wrong-checksum') && content.kind === 'file' && bytes.length > 0) {
			bytes = Buffer.from(bytes);
			bytes[0] = (bytes[0] ?? 0) ^ 0xff;
		}
		if (kinds.includes('cut-xml')) bytes = bytes.subarray(0, bytes.length / 2);
		if (kinds.includes('empty')) bytes = Buffer.alloc(0);
		outgoing.writeHead(status, { 'Content-Type': type, ...all, 'Content-Length': bytes.length });
		if (kinds.includes('cut-inside')) {
			outgoing.write(bytes.subarray(0, bytes.length / 2), () => outgoing.socket?.destroy());
			return;
		}
		outgoing.end(bytes);
		await once(outgoing, 'close');
	}

	async #bytes(content: Reply['content']): Promise<[Buffer, string]> {
		const { pretty } = this.#parts.settings;
		switch (content.kind) {
			case 'document': {
				const xml = pretty ? writePrettyXml(content.root) : writeXml(content.root);
				return [Buffer.from(XML_HEAD + xml), 'text/xml; charset=UTF-8'];
			}
			case 'text':
				return [Buffer.from(content.text), `${content.type}; charset=UTF-8`];
			case 'bytes':
				return [content.bytes, 'application/octet-stream'];
			case 'file': {
				const chunks: Buffer[] = [];
				for await (const chunk of createReadStream(content.path)) chunks.push(Buffer.from(chunk));
				return [Buffer.concat(chunks), 'application/octet-stream'];
			}
			default:
				return content satisfies never;
		}
	}
}
