import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';

import { EngineError, type HttpPort, type HttpRequest, type HttpResponse } from '../core/index.ts';

export interface PlainHttpOptions {
	/** e.g. `https://caosdb.example/`; the paths of requests are below it. */
	readonly baseUrl: string;
	/** Sent with every request, e.g. a cookie or an authorization. */
	readonly headers?: Readonly<Record<string, string>>;
}

const AGENTS = {
	http: new HttpAgent({ keepAlive: true }),
	https: new HttpsAgent({ keepAlive: true }),
};

/**
 * HTTP by Node.js itself: no proxy, no redirects. Not by its `fetch`, which ends the process when a server closes
 * the connection while an answer waits to be read (Node.js 24.21).
 */
export class PlainHttp implements HttpPort {
	readonly #base: URL;
	readonly #headers: Readonly<Record<string, string>>;

	constructor({ baseUrl, headers = {} }: PlainHttpOptions) {
		this.#base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
		this.#headers = headers;
	}

	async request(request: HttpRequest): Promise<HttpResponse> {
		const url = new URL(request.path, this.#base);
		try {
			const answer = await this.#exchange(url, request);
			return { status: answer.statusCode ?? 0, headers: plainHeaders(answer), body: answer };
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
		const isSecure = url.protocol === 'https:';
		const outgoing = (isSecure ? httpsRequest : httpRequest)(url, {
			...{ method, agent: isSecure ? AGENTS.https : AGENTS.http },
			headers: { ...this.#headers, ...headers },
		});
		const giveUp = (): void => void outgoing.destroy(new Error('no answer in time'));
		const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
		try {
			return await new Promise<IncomingMessage>((resolve, reject) => {
				outgoing.on('response', resolve);
				outgoing.on('error', reject);
				if (body === undefined) outgoing.end();
				// An error after the answer concerns nobody: the server did not want the rest.
				else pipeline(body, outgoing).catch(reject);
			});
		} finally {
			clearTimeout(timer);
		}
	}
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
	const entries = Object.entries(headers).map(([name, value]) => [
		name,
		Array.isArray(value) ? value.join('\n') : (value ?? ''),
	]);
	return Object.fromEntries(entries) as Record<string, string>;
}
