import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import {
	EngineError,
	type HttpPort,
	type HttpRequest,
	type HttpResponse,
	systemErrorCode,
} from '../../lib/core/index.ts';

/** Which server, without who asks. */
export interface ServerPlace {
	/** With a slash at its end. */
	readonly baseUrl: string;
	readonly ignoreSslIssues: boolean;
}

/** Sends a request as n8n's helper does: an answer with status, headers and a stream or bytes as body. */
export type Send = (options: IHttpRequestOptions) => Promise<unknown>;

/** Long enough for a large query, for implementations that would wait for ever. */
const TIMEOUT_MS = 300_000;
const CERTIFICATE_CODES = /CERT|SIGNATURE|SSL|TLS|ISSUER/;

function isRecord(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null;
}

function bodyOf(body: unknown): Readable {
	if (body instanceof Readable) return body;
	if (Buffer.isBuffer(body)) return Readable.from([body]);
	return Readable.from(typeof body === 'string' && body !== '' ? [Buffer.from(body)] : []);
}

function headersOf(headers: unknown): Record<string, string> {
	if (!isRecord(headers)) return {};
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [
			name.toLowerCase(),
			Array.isArray(value) ? value.join('\n') : String(value),
		]),
	);
}

/**
 * The body as a stream that ends with its last byte. The other thread's own end comes later than the answer of a
 * quick server, and a body that is let go before its end would take the answer with it.
 */
function wholeBody(body: Readable, headers: Readonly<Record<string, string>> = {}): Readable {
	const length = Number(headers['content-length'] ?? 'none');
	if (!Number.isFinite(length)) return body;
	async function* bytes(): AsyncGenerator<Uint8Array> {
		let left = length;
		if (left === 0) return;
		for await (const chunk of body as AsyncIterable<Uint8Array>) {
			left -= chunk.length;
			yield chunk;
			if (left <= 0) return;
		}
	}
	return Readable.from(bytes(), { objectMode: false });
}

/** n8n wraps errors: the code of the connection is somewhere among the causes. */
function connectionCode(error: unknown, depth = 0): string {
	const code = systemErrorCode(error);
	if (code !== undefined && !/^ERR_BAD_/.test(code)) return code;
	const cause = error instanceof Error ? error.cause : undefined;
	return cause === undefined || depth > 4 ? '' : connectionCode(cause, depth + 1);
}

function unreachable(error: unknown, { baseUrl }: ServerPlace): EngineError {
	const { host } = new URL(baseUrl);
	if (CERTIFICATE_CODES.test(connectionCode(error))) {
		return new EngineError('http_failed', `The certificate of ${host} cannot be trusted`, {
			remedy:
				"Let n8n know its authority (NODE_EXTRA_CA_CERTS), or set 'Ignore SSL Issues' in the credential.",
			details: { server: host, certificate: 'untrusted' },
			cause: error,
		});
	}
	return new EngineError('http_failed', `The CaosDB server at ${host} does not answer`, {
		remedy:
			'Check the base URL of the credential, and that the server runs and can be reached from n8n. ' +
			"If n8n's SSRF protection is on, allow that address.",
		details: { server: host },
		cause: error,
	});
}

/** The helper takes forms as texts only. */
function isForm(headers: HttpRequest['headers']): boolean {
	return headers?.['content-type'] === 'application/x-www-form-urlencoded';
}

/** The HTTP port over n8n's helper: proxies and the guard against forged requests hold, redirects are off. */
export class HelperHttp implements HttpPort {
	readonly #send: Send;
	readonly #place: ServerPlace;

	constructor(send: Send, place: ServerPlace) {
		this.#send = send;
		this.#place = place;
	}

	async request({ method, path, headers, body, timeoutMs }: HttpRequest): Promise<HttpResponse> {
		const { baseUrl, ignoreSslIssues } = this.#place;
		let answer: unknown;
		try {
			answer = await this.#send({
				...{ method, url: `${baseUrl}${path}`, headers: { accept: 'text/xml', ...headers } },
				...(body === undefined
					? {}
					: { body: isForm(headers) ? await text(body) : wholeBody(body, headers) }),
				...{ encoding: 'stream', json: false, returnFullResponse: true },
				...{ ignoreHttpStatusErrors: true, disableFollowRedirect: true },
				skipSslCertificateValidation: ignoreSslIssues,
				timeout: timeoutMs ?? TIMEOUT_MS,
			});
		} catch (error) {
			body?.destroy();
			throw unreachable(error, this.#place);
		}
		if (!isRecord(answer)) throw unreachable(undefined, this.#place);
		return {
			status: Number(answer.statusCode),
			headers: headersOf(answer.headers),
			body: bodyOf(answer.body),
		};
	}
}
