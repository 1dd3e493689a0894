import { randomUUID } from 'node:crypto';

import type { Actor } from './acl.ts';
import type { Part } from './multipart.ts';
import { type XmlElement, element } from './xml-node.ts';

/** A request, read to its end. */
export interface Request {
	readonly method: string;
	/** As it came: path and query string, still encoded. */
	readonly url: string;
	/** Decoded, empty ones left out. */
	readonly segments: readonly string[];
	/** Flags of the query string; a flag without a value has ''. */
	readonly flags: ReadonlyMap<string, string>;
	readonly contentType: string;
	readonly body: Buffer;
	readonly actor: Actor;
}

/** An answer; a document is written as XML at the very end, so that failures on purpose can change it. */
export interface Reply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly content:
		| { readonly kind: 'document'; readonly root: XmlElement }
		| { readonly kind: 'text'; readonly text: string; readonly type: string }
		| { readonly kind: 'bytes'; readonly bytes: Buffer }
		| { readonly kind: 'file'; readonly path: string; readonly size: number };
}

/** What is asked cannot be done; becomes an answer with this status. */
export class HttpError extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

export interface RequestBody {
	readonly xml: string;
	readonly parts: readonly Part[];
}

function userInfo({ username, realm, roles }: Actor): XmlElement {
	const isAnonymous = username === 'anonymous';
	const names = roles.filter((role) => isAnonymous || role !== username);
	return element('UserInfo', isAnonymous ? {} : { username, realm }, [
		element(
			'Roles',
			{},
			names.map((name) => element('Role', {}, [name])),
		),
	]);
}

/** A `Response` with who asks, and `children`. */
export function responseRoot(
	actor: Actor,
	children: readonly XmlElement[],
	{ count, first = [] }: { readonly count?: number; readonly first?: readonly XmlElement[] } = {},
): XmlElement {
	const attributes = { srid: randomUUID().replaceAll('-', ''), timestamp: Date.now(), count };
	return element('Response', attributes, [...first, userInfo(actor), ...children]);
}

export function documentReply(root: XmlElement, status = 200): Reply {
	return { status, headers: {}, content: { kind: 'document', root } };
}

/** A `Response` with one Error, as answers with another status than 200 have it. */
export function errorReply(status: number, description: string): Reply {
	const error = element('Error', { code: status, description });
	return documentReply(element('Response', {}, [error]), status);
}

export function textReply(text: string, type: string, status = 200): Reply {
	return { status, headers: {}, content: { kind: 'text', text, type } };
}
