import { TextDecoder } from 'node:util';

import { EngineError } from '../core/index.ts';

/** An XML declaration longer than this is nobody's. */
const DECLARATION_BYTES = 256;

function byteOrderMark(bytes: Uint8Array): string | undefined {
	if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
	return undefined;
}

function declaredEncoding(bytes: Uint8Array): string {
	const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1');
	const declaration = /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(start);
	return declaration?.[1] ?? 'utf-8';
}

function decoderFor(bytes: Uint8Array, source: string): TextDecoder {
	const label = byteOrderMark(bytes) ?? declaredEncoding(bytes);
	try {
		return new TextDecoder(label, { fatal: true });
	} catch (error) {
		throw new EngineError('xml_invalid', `${source} is in an unknown encoding, ${label}`, {
			remedy: 'Save the document as UTF-8.',
			details: { encoding: label },
			cause: error,
		});
	}
}

function undecodable(source: string, cause: unknown): EngineError {
	return new EngineError('xml_invalid', `${source} has bytes that are no text of its encoding`, {
		remedy: 'The document is damaged, or declares another encoding than it is in.',
		cause,
	});
}

/** A document's bytes as text: by its byte order mark, its declaration, else UTF-8. */
export class DocumentDecoder {
	#decoder: TextDecoder | undefined;
	#held: Uint8Array = new Uint8Array(0);
	readonly #source: string;

	constructor(source: string) {
		this.#source = source;
	}

	decode(bytes: Uint8Array): string {
		if (this.#decoder !== undefined) return this.#text(bytes, true);
		this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
		return this.#held.length < DECLARATION_BYTES ? '' : this.#begin();
	}

	/** What is left; throws when the last character is cut. */
	end(): string {
		const held = this.#decoder === undefined ? this.#begin() : '';
		return held + this.#text(new Uint8Array(0), false);
	}

	#begin(): string {
		this.#decoder = decoderFor(this.#held, this.#source);
		return this.#text(this.#held, true);
	}

	#text(bytes: Uint8Array, isMore: boolean): string {
		try {
			return this.#decoder?.decode(bytes, { stream: isMore }) ?? '';
		} catch (error) {
			throw undecodable(this.#source, error);
		}
	}
}
