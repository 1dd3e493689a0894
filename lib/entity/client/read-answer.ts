import { EngineError, type HttpResponse } from '../../core/index.ts';
import { type DocumentOptions, EntityDocument } from '../entity-document.ts';
import type { Entity, Message } from '../model.ts';
import { parseMessage } from '../parse-entity.ts';
import { type XmlElement, childElements } from '../xml-element.ts';
import { TooLongError, cutAnswer, notADocument } from './answer-errors.ts';

/** Bytes of an error document that are worth reading. */
const ERROR_MAX_BYTES = 1024 * 1024;

/** An answer above it is asked for in smaller pieces, where it can be. */
const DIVISIBLE_MAX_BYTES = 32 * 1024 * 1024;

/** A server's answer, read to its end. */
export interface Answer {
	readonly messages: readonly Message[];
	readonly entities: readonly Entity[];
	/** `UserInfo`, `Query`, … */
	readonly others: readonly XmlElement[];
	readonly bytes: number;
	/** Milliseconds since 1970 on the server's clock, if it says so. */
	readonly time?: number;
}

export interface AnswerOptions {
	/** Whether the same can be asked for in smaller pieces. Default: false. */
	readonly isDivisible?: boolean;
	/** See `DocumentOptions`. */
	readonly parse?: DocumentOptions['parse'];
}

/**
 * Reads an answer strictly: a whole document whose root is `Response`. Throws `server_answer_invalid` that says
 * what came instead, and TooLongError when a divisible request has an answer that would fill the memory.
 */
export async function readAnswer(
	{ body, headers }: HttpResponse,
	what: string,
	signal: AbortSignal,
	{ isDivisible = false, parse }: AnswerOptions = {},
): Promise<Answer> {
	const contentType = headers['content-type'] ?? '';
	if (/\bhtml\b/i.test(contentType)) throw notADocument(what, contentType);
	const document = new EntityDocument(body as AsyncIterable<Uint8Array>, {
		...{ source: 'the answer', signal },
		...(parse === undefined ? {} : { parse }),
	});
	const entities: Entity[] = [];
	try {
		for await (const entity of document.entities()) {
			entities.push(entity);
			if (isDivisible && document.bytes > DIVISIBLE_MAX_BYTES) throw new TooLongError(what, 200);
		}
	} catch (error) {
		if (!(error instanceof EngineError) || error.code !== 'xml_invalid') throw error;
		throw document.rootName === ''
			? notADocument(what, contentType, error)
			: cutAnswer(what, error);
	}
	if (document.rootName.toLowerCase() !== 'response') throw notADocument(what, contentType);
	const { messages, others, bytes } = document;
	const time = Number(document.rootAttributes['timestamp'] ?? 'none');
	return { messages, entities, others, bytes, ...(Number.isFinite(time) ? { time } : {}) };
}

/** The errors in the answer with another status; none when it has no such document. */
export async function errorMessages(
	{ body, headers }: HttpResponse,
	signal: AbortSignal,
): Promise<readonly Message[]> {
	if (/\bhtml\b/i.test(headers['content-type'] ?? '')) return [];
	const document = new EntityDocument(body as AsyncIterable<Uint8Array>, {
		...{ source: 'the answer', signal, entityMaxBytes: ERROR_MAX_BYTES },
	});
	try {
		await document.all();
	} catch (error) {
		if (!(error instanceof EngineError)) throw error;
		return [];
	}
	return errorsOf(document.messages);
}

/** Without an id nobody can tell which entity it is: to pass over it would be to lose it. */
export function demandIds(entities: readonly Entity[], what: string): void {
	const nameless = entities.filter(({ id }) => id === null).length;
	if (nameless === 0) return;
	throw cutAnswer(
		what,
		new EngineError('server_answer_invalid', `${nameless} entities came without an id`),
	);
}

export function errorsOf(messages: readonly Message[]): Message[] {
	return messages.filter(({ kind }) => kind === 'Error');
}

/** The child of that name, letter case ignored. */
export function otherNamed({ others }: Answer, name: string): XmlElement | undefined {
	return others.find((other) => other.name.toLowerCase() === name.toLowerCase());
}

/** Messages inside an element such as `Query`. */
export function messagesIn(element: XmlElement): Message[] {
	return childElements(element).flatMap((child) => parseMessage(child) ?? []);
}
