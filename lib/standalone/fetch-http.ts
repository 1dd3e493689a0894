import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

import { EngineError, type HttpPort, type HttpRequest, type HttpResponse } from '../core/index.ts';

export interface FetchHttpOptions {
	/** e.g. `https://caosdb.example/`; the paths of requests are below it. */
	readonly baseUrl: string;
	/** Sent with every request, e.g. a cookie or an authorization. */
	readonly headers?: Readonly<Record<string, string>>;
}

/** HTTP over the `fetch` of Node.js: no proxy, no redirects. */
export class FetchHttp implements HttpPort {
	readonly #base: URL;
	readonly #headers: Readonly<Record<string, string>>;

	constructor({ baseUrl, headers = {} }: FetchHttpOptions) {
		this.#base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
		this.#headers = headers;
	}

	async request(request: HttpRequest): Promise<HttpResponse> {
		const { method, path, headers, body, timeoutMs } = request;
		const url = new URL(path, this.#base);
		const giveUp = new AbortController();
		const timer = timeoutMs === undefined ? undefined : setTimeout(() => giveUp.abort(), timeoutMs);
		try {
			const response = await fetch(url, {
				method,
				headers: { ...this.#headers, ...headers },
				redirect: 'manual',
				signal: giveUp.signal,
				...(body === undefined ? {} : { body: Readable.toWeb(body), duplex: 'half' as const }),
			});
			return {
				status: response.status,
				headers: plainHeaders(response.headers),
				body: bodyOf(response),
			};
		} catch (error) {
			body?.destroy();
			throw new EngineError('http_failed', `${url.origin} does not answer`, {
				remedy: 'Check the address, and that the server runs.',
				details: { server: url.origin },
				cause: error,
			});
		} finally {
			clearTimeout(timer);
		}
	}
}

function plainHeaders(headers: Headers): Record<string, string> {
	const cookies = headers.getSetCookie();
	const plain = Object.fromEntries(headers.entries());
	return cookies.length === 0 ? plain : { ...plain, 'set-cookie': cookies.join('\n') };
}

function bodyOf({ body }: Response): Readable {
	return body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream);
}
