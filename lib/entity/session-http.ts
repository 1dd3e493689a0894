import { Readable } from 'node:stream';

import { EngineError, type HttpPort, type HttpRequest, type HttpResponse } from '../core/index.ts';
import { DEFAULT_RULES } from './client/requests.ts';
import { watchedBody } from './client/watched-body.ts';

/** How a person is known to the server. */
export type SignIn =
	| { readonly kind: 'password'; readonly user: string; readonly password: string }
	/** A token that the server gave out; it cannot be renewed when it has ended. */
	| { readonly kind: 'token'; readonly token: string };

const COOKIE = /(?:^|[\n;,]\s*)SessionToken=([^;\n]*)/;

/** The token in `set-cookie` lines: undefined where there is none, '' where it was taken away. */
function newToken({ headers }: HttpResponse): string | undefined {
	const lines = headers['set-cookie'];
	return lines === undefined ? undefined : COOKIE.exec(lines)?.[1];
}

/** A token as it stands in a cookie: one that holds JSON is encoded. */
function cookieText(token: string): string {
	return /^[A-Za-z0-9%_.~!*'()-]*$/.test(token) ? token : encodeURIComponent(token);
}

function refusedLogin(status: number): EngineError {
	if (status === 401 || status === 403) {
		return new EngineError('server_access_denied', 'The CaosDB server refused the login', {
			remedy: 'Check user and password of the credential.',
			details: { status },
		});
	}
	if (status >= 500) {
		return new EngineError('server_failed', `The CaosDB server answered the login with ${status}`, {
			remedy: 'Look at the log of the server, then run again.',
			details: { status },
		});
	}
	return new EngineError('server_answer_invalid', `The login was answered with status ${status}`, {
		remedy: 'Check the base URL of the credential: it must lead to the CaosDB server itself.',
		details: { status },
	});
}

/**
 * Signs requests of one server with a session: logs in when there is none, takes renewed tokens from every
 * answer, and forgets one that was refused, so that repeating the request logs in anew. Lives where the
 * credential is; what uses it sees requests and answers only.
 */
export class SessionHttp implements HttpPort {
	readonly #exchange: HttpPort;
	readonly #signIn: SignIn;
	#token: string | undefined;
	#login: Promise<string> | undefined;

	constructor(exchange: HttpPort, signIn: SignIn) {
		this.#exchange = exchange;
		this.#signIn = signIn;
	}

	/**
	 * As the port says; throws `server_access_denied` when the login is refused. The body fails with
	 * `http_failed`: an error of the connection itself would be one of this package on another thread.
	 */
	async request(request: HttpRequest): Promise<HttpResponse> {
		let token: string;
		try {
			token = this.#token ?? (await this.#start(request.timeoutMs));
		} catch (error) {
			request.body?.destroy();
			throw error;
		}
		const cookie = `SessionToken=${cookieText(token)};`;
		const headers = { ...request.headers, cookie };
		const response = await this.#exchange.request({ ...request, headers });
		const renewed = newToken(response);
		if (response.status === 401 || renewed === '') {
			if (this.#token === token) this.#token = undefined;
		} else if (renewed !== undefined) this.#token = renewed;
		const { timeoutMs = DEFAULT_RULES.timeoutMs } = request;
		return { ...response, body: watchedBody(response.body, timeoutMs) };
	}

	async #start(timeoutMs: number | undefined): Promise<string> {
		const signIn = this.#signIn;
		if (signIn.kind === 'token') return (this.#token = signIn.token);
		// Requests that find no session at the same time share one login.
		this.#login ??= this.#logIn(signIn, timeoutMs).finally(() => (this.#login = undefined));
		return (this.#token = await this.#login);
	}

	async #logIn(
		{ user, password }: Extract<SignIn, { kind: 'password' }>,
		timeoutMs: number | undefined,
	): Promise<string> {
		const form = new URLSearchParams({ username: user, password }).toString();
		const body = Buffer.from(form, 'utf8');
		const response = await this.#exchange.request({
			method: 'POST',
			path: 'login',
			headers: {
				'content-type': 'application/x-www-form-urlencoded',
				'content-length': String(body.length),
			},
			body: Readable.from([body]),
			...(timeoutMs === undefined ? {} : { timeoutMs }),
		});
		response.body.destroy();
		if (response.status !== 200) throw refusedLogin(response.status);
		const token = newToken(response);
		if (token !== undefined && token !== '') return token;
		throw new EngineError('server_answer_invalid', 'The login was answered without a session', {
			remedy: 'Check the base URL of the credential: it must lead to the CaosDB server itself.',
		});
	}
}
