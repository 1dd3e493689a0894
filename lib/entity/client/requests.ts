import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import {
	EngineError,
	type HttpPort,
	type HttpRequest,
	type HttpResponse,
	cancelledError,
	throwIfAborted,
	waitOrAbort,
} from '../../core/index.ts';
import { administrativeAnswer } from './administrative-answer.ts';
import {
	TOO_LONG,
	TooLongError,
	accessDenied,
	outcomeUnknown,
	redirected,
	statusError,
} from './answer-errors.ts';
import { type Answer, type AnswerOptions, errorMessages, readAnswer } from './read-answer.ts';
import { type Remark, remarksOf } from './remarks.ts';
import { watchedBody } from './watched-body.ts';

export interface RequestRules {
	/** Longest wait for an answer to begin, and between two pieces of it. */
	readonly timeoutMs: number;
	/** How often what may be repeated is tried in all. */
	readonly attempts: number;
	/** Wait before the second try; doubled for each further one. */
	readonly backOffMs: number;
}

/** The official client waits as long for an answer. */
export const DEFAULT_RULES: RequestRules = { timeoutMs: 210_000, attempts: 5, backOffMs: 500 };
const LONGEST_WAIT_MS = 60_000;
/** Statuses of servers and proxies that may be gone at the next try. */
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export interface RequestsOptions {
	/** Signs its requests itself, see SessionHttp. */
	readonly http: HttpPort;
	readonly signal: AbortSignal;
	/** Absent parts are the defaults. */
	readonly rules?: Partial<RequestRules>;
	/** Called with every warning and information of the server; the same may come several times. */
	readonly onRemark?: (remark: Remark) => void;
}

export interface Call {
	readonly method: HttpRequest['method'];
	readonly path: string;
	/** What is asked, for messages: `the query`, `the insert of 12 entities`. */
	readonly what: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Makes the body anew for each try. */
	readonly body?: () => Readable;
}

/** A failed try, and whether another one may mend it. */
class TryFailed extends Error {
	readonly error: EngineError;
	/** The server did not act on the request, so it may be sent again whatever it is. */
	readonly isUntouched: boolean;
	readonly waitMs: number | undefined;

	constructor(error: EngineError, isUntouched: boolean, waitMs?: number) {
		super(error.message);
		this.error = error;
		this.isUntouched = isUntouched;
		this.waitMs = waitMs;
	}
}

function retryAfter({ headers }: HttpResponse): number | undefined {
	const seconds = Number(headers['retry-after'] ?? 'none');
	return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** Failures of the way and not of the question: reading again may mend them. */
function mayPass({ code }: EngineError): boolean {
	return (
		code === 'http_failed' || code === 'server_answer_invalid' || code === 'entity_file_corrupt'
	);
}

/**
 * Requests with their rules: what only reads is tried again after a failure that may pass; what writes is sent
 * once, and again only when the server certainly did not act on it. Redirects are never followed.
 */
export class Requests {
	readonly #http: HttpPort;
	readonly #signal: AbortSignal;
	readonly #rules: RequestRules;
	readonly #onRemark: (remark: Remark) => void;

	constructor({ http, signal, rules = {}, onRemark = () => undefined }: RequestsOptions) {
		this.#http = http;
		this.#signal = signal;
		this.#rules = { ...DEFAULT_RULES, ...rules };
		this.#onRemark = onRemark;
	}

	get signal(): AbortSignal {
		return this.#signal;
	}

	/** The document of an answer, see `readAnswer`; what the server remarks in it is passed on. */
	async answer(response: HttpResponse, what: string, options: AnswerOptions = {}): Promise<Answer> {
		const answer = await readAnswer(response, what, this.#signal, options);
		for (const remark of remarksOf(answer)) this.#onRemark(remark);
		return answer;
	}

	/** The same for one without entities. */
	async administrative(response: HttpResponse, what: string): Promise<Answer> {
		const answer = await administrativeAnswer(response, what, this.#signal);
		for (const remark of remarksOf(answer)) this.#onRemark(remark);
		return answer;
	}

	/**
	 * Carries out `call` and reads its answer (status 200) with `read`, which may be called once per try. Throws
	 * `server_access_denied`, `server_answer_invalid`, `server_failed`, `http_failed`, what `read` throws, and for
	 * a write whose answer was lost `server_outcome_unknown`.
	 */
	async run<T>(call: Call, read: (response: HttpResponse) => Promise<T>): Promise<T> {
		const isRepeatable = call.method === 'GET';
		let isSignedAnew = false;
		for (let attempt = 1; ; attempt++) {
			try {
				return await this.#try(call, read);
			} catch (error) {
				if (this.#signal.aborted) throw cancelledError(this.#signal);
				if (!(error instanceof TryFailed)) throw error;
				if (error.error.details['status'] === 401 && !isSignedAnew) {
					isSignedAnew = true;
					continue;
				}
				const isMendable = mayPass(error.error) || error.waitMs !== undefined;
				if (!isRepeatable && !error.isUntouched) throw outcomeUnknown(call.what, error.error);
				if (!isMendable || attempt >= this.#rules.attempts) throw error.error;
				await this.#wait(error.waitMs ?? 0, attempt);
			}
		}
	}

	async #wait(askedMs: number, attempt: number): Promise<void> {
		const wait = Math.max(askedMs, this.#rules.backOffMs * 2 ** (attempt - 1));
		const jitter = wait * (0.75 + Math.random() / 2);
		try {
			await sleep(Math.min(jitter, LONGEST_WAIT_MS), undefined, { signal: this.#signal });
		} catch {
			throw cancelledError(this.#signal);
		}
	}

	async #try<T>(call: Call, read: (response: HttpResponse) => Promise<T>): Promise<T> {
		throwIfAborted(this.#signal);
		const response = await this.#send(call);
		try {
			if (response.status === 200) return await this.#read(response, read);
			throw await this.#refusal(call, response);
		} finally {
			response.body.destroy();
		}
	}

	async #read<T>(response: HttpResponse, read: (response: HttpResponse) => Promise<T>): Promise<T> {
		try {
			return await read(response);
		} catch (error) {
			if (!(error instanceof EngineError)) throw error;
			throw mayPass(error) ? new TryFailed(error, false) : error;
		}
	}

	async #send({ method, path, headers, body }: Call): Promise<HttpResponse> {
		const { timeoutMs } = this.#rules;
		const sent = this.#http.request({
			...{ method, path, timeoutMs },
			headers: { accept: 'text/xml', ...headers },
			...(body === undefined ? {} : { body: body() }),
		});
		// An answer that comes after a cancel holds a connection: it is let go.
		const letGo = (): void =>
			void sent.then(
				({ body: late }) => late.destroy(),
				() => undefined,
			);
		try {
			const response = await waitOrAbort(sent, this.#signal, letGo);
			return { ...response, body: watchedBody(response.body, timeoutMs) };
		} catch (error) {
			if (!(error instanceof EngineError) || this.#signal.aborted) throw error;
			throw new TryFailed(error, error.code === 'server_access_denied');
		}
	}

	async #refusal({ what }: Call, response: HttpResponse): Promise<TryFailed | EngineError> {
		const { status, headers } = response;
		if (TOO_LONG.has(status)) return new TooLongError(what, status);
		if (status === 401) return new TryFailed(accessDenied(what, status), true);
		if (status === 403) return accessDenied(what, status);
		if (status >= 300 && status < 400) return redirected(what, status, headers['location'] ?? '');
		const messages = await errorMessages(response, this.#signal);
		const error = statusError(what, status, messages);
		if (!PASSING.has(status)) {
			return status < 500 ? error : new TryFailed(error, false);
		}
		const isUntouched = status === 429 || status === 503;
		return new TryFailed(error, isUntouched, retryAfter(response) ?? 0);
	}
}
