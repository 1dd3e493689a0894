import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { ADMIN, type Emulator } from './index.ts';
import { setCookie } from './sessions.ts';
import { type XmlElement, attribute, childElements } from './xml-node.ts';
import { parseXml } from './xml-reader.ts';

export interface RawAnswer {
	readonly status: number;
	readonly headers: IncomingMessage['headers'];
	readonly body: Buffer;
	/** Throws XmlSyntaxError when the body is no document. */
	readonly root: () => XmlElement;
}

interface RawRequest {
	readonly body?: string | Buffer;
	readonly headers?: Readonly<Record<string, string>>;
}

const ENTITY = /^(RecordType|Record|Property|File|QueryTemplate|Entity)$/;

/** Requests as bytes, for what the official client cannot send or read. */
export class RawClient {
	readonly #emulator: Emulator;
	readonly #headers: Readonly<Record<string, string>>;

	constructor(emulator: Emulator, user: string = ADMIN.name) {
		this.#emulator = emulator;
		const [cookie = ''] = setCookie(emulator.authToken(user)).split(';');
		this.#headers = { Cookie: `${cookie};` };
	}

	async send(method: string, path: string, { body, headers }: RawRequest = {}): Promise<RawAnswer> {
		const outgoing = request(`${this.#emulator.url}${path}`, {
			method,
			headers: { ...this.#headers, ...headers },
			agent: false,
		});
		outgoing.end(body);
		const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
		const chunks: Buffer[] = [];
		for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
		const bytes = Buffer.concat(chunks);
		return {
			status: incoming.statusCode ?? 0,
			headers: incoming.headers,
			body: bytes,
			root: () => parseXml(bytes.toString('utf8')),
		};
	}

	async insert(xml: string, flags = ''): Promise<XmlElement[]> {
		const answer = await this.send('POST', `/Entity${flags}`, { body: `<Insert>${xml}</Insert>` });
		return entities(answer.root());
	}

	async update(xml: string, flags = ''): Promise<XmlElement[]> {
		const answer = await this.send('PUT', `/Entity${flags}`, { body: `<Update>${xml}</Update>` });
		return entities(answer.root());
	}

	async remove(...ids: string[]): Promise<XmlElement[]> {
		const answer = await this.send('DELETE', `/Entity/${ids.join('&')}`);
		return entities(answer.root());
	}

	async retrieve(keys: string, flags = ''): Promise<XmlElement[]> {
		return entities((await this.send('GET', `/Entity/${keys}${flags}`)).root());
	}

	async query(text: string, flags = ''): Promise<XmlElement> {
		const path = `/Entity?query=${encodeURIComponent(text)}${flags}`;
		return (await this.send('GET', path)).root();
	}
}

export function entities(root: XmlElement): XmlElement[] {
	return childElements(root).filter(({ name }) => ENTITY.test(name));
}

export function idOf(entity: XmlElement | undefined): string {
	return entity === undefined ? '' : (attribute(entity, 'id') ?? '');
}

/** Codes of the errors on the element itself. */
export function errorCodes(of: XmlElement | undefined): string[] {
	if (of === undefined) return [];
	return childElements(of, 'Error').map((error) => attribute(error, 'code') ?? '');
}
