import { XMLParser, XMLValidator } from 'fast-xml-parser';

import { EngineError, type HttpResponse, throwIfAborted } from '../../core/index.ts';
import { DocumentDecoder } from '../decode-text.ts';
import type { Message } from '../model.ts';
import { parseMessage } from '../parse-entity.ts';
import type { XmlElement } from '../xml-element.ts';
import { cutAnswer, notADocument } from './answer-errors.ts';
import type { Answer } from './read-answer.ts';

/** What a server says of itself, a role or its rules is a few kilobytes. */
const MAX_BYTES = 4 * 1024 * 1024;
const TEXT = '#text';
const ATTRIBUTES = ':@';
/** References that need no declaration. The parser leaves others as they are, or takes those of HTML. */
const KNOWN_REFERENCE = /&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});/g;
// eslint-disable-next-line no-control-regex -- these are what XML forbids
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

const parser = new XMLParser({
	preserveOrder: true,
	ignoreAttributes: false,
	attributeNamePrefix: '',
	parseTagValue: false,
	parseAttributeValue: false,
	trimValues: false,
	ignoreDeclaration: true,
	ignorePiTags: true,
	// For references by number; names of HTML are refused before.
	htmlEntities: true,
});

type Node = Readonly<Record<string, unknown>>;

function invalid(why: string): EngineError {
	return new EngineError('xml_invalid', why);
}

/** The parser and its validator take more than XML is: what is left to find. */
function assertStrict(text: string): void {
	const checked = XMLValidator.validate(text);
	if (checked !== true) throw invalid(`${checked.err.msg} (line ${checked.err.line})`);
	if (/<!DOCTYPE/i.test(text)) throw invalid('it has a document type');
	if (FORBIDDEN.test(text)) throw invalid('it has characters that XML forbids');
	const withoutSections = text.replaceAll(/<!\[CDATA\[.*?\]\]>|<!--.*?-->/gs, '');
	if (withoutSections.replaceAll(KNOWN_REFERENCE, '').includes('&')) {
		throw invalid('it has an unknown reference');
	}
}

function attributesOf(node: Node): Record<string, string> {
	return { ...((node[ATTRIBUTES] ?? {}) as Record<string, string>) };
}

function childOf(node: Node): XmlElement | string | undefined {
	const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
	if (name === undefined) return undefined;
	if (name === TEXT) return String(node[TEXT]);
	const children = ((node[name] ?? []) as readonly Node[]).flatMap((child) => childOf(child) ?? []);
	return { name, attributes: attributesOf(node), children };
}

/** The root of a small document. Throws `xml_invalid`. */
export function smallDocument(text: string): XmlElement {
	assertStrict(text);
	const found = (parser.parse(text) as readonly Node[]).flatMap((node) => childOf(node) ?? []);
	const [root, ...others] = found.filter((child) => typeof child !== 'string');
	if (root === undefined || others.length > 0) throw invalid('it does not have one root');
	return root;
}

async function textOf({ body }: HttpResponse, what: string, signal: AbortSignal): Promise<string> {
	const decoder = new DocumentDecoder('the answer');
	let text = '';
	let bytes = 0;
	for await (const chunk of body as AsyncIterable<Uint8Array>) {
		throwIfAborted(signal);
		bytes += chunk.length;
		if (bytes > MAX_BYTES) {
			throw new EngineError('limit_exceeded', `${what} was answered with too much`, {
				remedy: 'Check that the base URL leads to a CaosDB server.',
				details: { limit: MAX_BYTES },
			});
		}
		text += decoder.decode(chunk);
	}
	return (text + decoder.end()).replace(/^\uFEFF/, '');
}

/**
 * Reads an answer about the server, an account or a role: small, and without entities. Throws
 * `server_answer_invalid` that says what came instead, and `limit_exceeded`.
 */
export async function administrativeAnswer(
	response: HttpResponse,
	what: string,
	signal: AbortSignal,
): Promise<Answer> {
	const contentType = response.headers['content-type'] ?? '';
	if (/\bhtml\b/i.test(contentType)) throw notADocument(what, contentType);
	const text = await textOf(response, what, signal);
	let root: XmlElement;
	try {
		root = smallDocument(text);
	} catch (error) {
		if (!(error instanceof EngineError) || error.code !== 'xml_invalid') throw error;
		throw /^\s*<[?a-z]/i.test(text)
			? cutAnswer(what, error)
			: notADocument(what, contentType, error);
	}
	if (root.name.toLowerCase() !== 'response') throw notADocument(what, contentType);
	const messages: Message[] = [];
	const others: XmlElement[] = [];
	for (const child of root.children) {
		if (typeof child === 'string') continue;
		const message = parseMessage(child);
		if (message === undefined) others.push(child);
		else messages.push(message);
	}
	const time = Number(root.attributes['timestamp'] ?? 'none');
	const bytes = Buffer.byteLength(text);
	return { messages, entities: [], others, bytes, ...(Number.isFinite(time) ? { time } : {}) };
}
