import { EngineError } from '../../core/index.ts';
import type { Message } from '../model.ts';

/** The address or the body is more than the server takes: ask for less at once. */
export class TooLongError extends EngineError {
	constructor(what: string, status: number) {
		super('server_failed', `The CaosDB server finds ${what} too long (status ${status})`, {
			remedy: 'Raise the limits of the server, or of the proxy before it.',
			details: { status },
		});
	}
}

/** Statuses that say so. */
export const TOO_LONG: ReadonlySet<number> = new Set([413, 414, 431]);

export function accessDenied(what: string, status: number): EngineError {
	const message =
		status === 401
			? `The CaosDB server does not accept the session for ${what}`
			: `The CaosDB server does not permit ${what}`;
	return new EngineError('server_access_denied', message, {
		remedy:
			status === 401
				? 'Check the credential; a token may have ended.'
				: 'Give the account of the credential the permission on the server.',
		details: { status },
	});
}

export function redirected(what: string, status: number, location: string): EngineError {
	const to = /^https?:\/\/[^/?#]+/.exec(location)?.[0] ?? 'another address';
	return new EngineError('server_answer_invalid', `${what} was redirected to ${to}`, {
		remedy: 'Redirects are not followed. Give the base URL that the server itself answers on.',
		details: { status },
	});
}

/** What came instead of a document, in words. */
function kindOfContent(contentType: string): string {
	return /\bhtml\b/i.test(contentType) ? 'a web page' : 'something else than a document';
}

export function notADocument(what: string, contentType: string, cause?: unknown): EngineError {
	return new EngineError(
		'server_answer_invalid',
		`${what} was answered with ${kindOfContent(contentType)}`,
		{
			remedy: 'Check the base URL: a proxy or a login page may stand before the server.',
			...(cause === undefined ? {} : { cause }),
		},
	);
}

export function cutAnswer(what: string, cause: EngineError): EngineError {
	return new EngineError('server_answer_invalid', `${what}: ${cause.message}`, {
		remedy:
			'The answer is cut or damaged. Look for a proxy with limits between here and the server.',
		cause,
	});
}

/** A message of the server, as one line. */
export function messageLine({ code, description, text }: Message): string {
	const said = (description ?? '') === '' ? text.trim() : (description ?? '');
	const line = said.replace(/\s+/g, ' ').slice(0, 500);
	return code === null || code === '0' ? line : `${line} (code ${code})`;
}

export function refused(what: string, messages: readonly Message[]): EngineError {
	const [first] = messages;
	const said = first === undefined ? 'without a reason' : messageLine(first);
	return new EngineError('server_refused', `The CaosDB server refused ${what}: ${said}`, {
		remedy: 'The text is the server’s own. Correct what it names.',
		details: { code: first?.code ?? '', messages: messages.length },
	});
}

export function statusError(
	what: string,
	status: number,
	messages: readonly Message[],
): EngineError {
	const [first] = messages;
	const said = first === undefined ? '' : `: ${messageLine(first)}`;
	const isMissing = status === 404;
	return new EngineError(
		isMissing ? 'server_answer_invalid' : 'server_failed',
		`${what} was answered with status ${status}${said}`,
		{
			remedy: isMissing
				? 'Check the base URL of the credential: it must lead to the CaosDB server itself.'
				: 'Look at the log of the server, then run again.',
			details: { status },
		},
	);
}

export function outcomeUnknown(what: string, cause: unknown): EngineError {
	const reason = cause instanceof EngineError ? cause.message : 'the connection ended';
	return new EngineError(
		'server_outcome_unknown',
		`It is not known whether the server carried out ${what}: ${reason}`,
		{ remedy: 'Look on the server whether it did before it is sent again.', cause },
	);
}
