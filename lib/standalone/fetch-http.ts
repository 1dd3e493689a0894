import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';

import { EngineError, type HttpPort, type HttpRequest, type HttpResponse } from '../core/index.ts';

export interface FetchHttpOptions {
	/** e.g. `https://caosdb.example/`; the paths of requests are below it. */
	readonly baseUrl: string;
	/** Sent with every request, e.g. a cookie or an authorization. */
	readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Fetches over HTTP: no proxy, no redirects. By Node.js's older client, because its `fetch` ends the whole
 * process when a server closes a connection whose answer is not read yet (`assert(!this.paused)`).
 */
export class FetchHttp implements HttpPort {
	readonly #base: URL;
	readonly #headers: Readonly<Record<string, string>>;
	readonly #agents = {
		'http:': new PlainAgent({ keepAlive: true }),
		'https:': new TlsAgent({ keepAlive: true }),
	};

	constructor({ baseUrl, headers = {} }: FetchHttpOptions) {
		this.#base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
		this.#headers = headers;
	}

	async request(request: HttpRequest): Promise<HttpResponse> {
		const url = new URL(request.path, this.#base);
		try {
			const response = await this.#exchange(url, request);
			return {
				status: response.statusCode ?? 0,
				headers: plainHeaders(response),
				body: response,
			};
		} catch (error) {
			request.body?.destroy();
			throw new EngineError('http_failed', `${url.origin} does not answer`, {
				remedy: 'Check the address, and that the server runs.',
				details: { server: url.origin },
				cause: error,
			});
		}
	}

	async #exchange(
		url: URL,
		{ method, headers, body, timeoutMs }: HttpRequest,
	): Promise<IncomingMessage> {
		const isTls = url.protocol === 'https:';
		const send = isTls ? tlsRequest : plainRequest;
		const agent = this.#agents[isTls ? 'https:' : 'http:'];
		const outgoing = send(url, { method, agent, headers: { ...this.#headers, ...headers } });
		const answered = new Promise<IncomingMessage>((resolve, reject) => {
			outgoing.once('response', resolve);
			outgoing.on('error', reject);
			outgoing.once('close', () => reject(new Error('The connection was closed')));
		});
		const timer =
			timeoutMs === undefined
				? undefined
				: setTimeout(() => outgoing.destroy(new Error('There was no answer in time')), timeoutMs);
		try {
			if (body === undefined) outgoing.end();
			// A server may answer, and close, before it has read everything.
			else pipeline(body, outgoing).catch((error: Error) => outgoing.destroy(error));
			return await answered;
		} finally {
			clearTimeout(timer);
		}
	}
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [
			name,
			Array.isArray(value) ? value.join('\n') : (value ?? ''),
		]),
	);
}
