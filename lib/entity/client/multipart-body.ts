import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import { CHUNK_BYTES, EngineError } from '../../core/index.ts';

/** A file's content; opened anew for each try. */
export interface Upload {
	/** Links the part with the File element's attribute `upload`. */
	readonly token: string;
	readonly bytes: number;
	readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

/** A request body whose length is known. */
export interface RequestBody {
	readonly headers: Readonly<Record<string, string>>;
	readonly open: () => Readable;
}

const XML_TYPE = 'text/xml; charset=UTF-8';

/** A document alone. */
export function xmlBody(document: Buffer): RequestBody {
	return {
		headers: { 'content-type': XML_TYPE, 'content-length': String(document.length) },
		open: () => Readable.from([document]),
	};
}

function partHead(boundary: string, { token }: Upload): Buffer {
	return Buffer.from(
		`--${boundary}\r\nContent-Disposition: form-data; name="${token}"; filename="${token}"\r\n` +
			'Content-Type: application/octet-stream\r\n\r\n',
	);
}

async function* parts(
	head: Buffer,
	uploads: readonly Upload[],
	boundary: string,
): AsyncGenerator<Uint8Array> {
	yield head;
	for (const upload of uploads) {
		yield partHead(boundary, upload);
		let sent = 0;
		for await (const chunk of await upload.open()) {
			sent += chunk.length;
			yield chunk;
		}
		if (sent !== upload.bytes) {
			throw new EngineError(
				'artifact_truncated',
				'A file to be uploaded has another length than announced',
				{
					remedy: 'It changed while it was read, or its source is cut.',
					details: { expected: upload.bytes, found: sent },
				},
			);
		}
		yield Buffer.from('\r\n');
	}
	yield Buffer.from(`--${boundary}--\r\n`);
}

/** Each piece crosses to another thread, which takes a few at a time: many small ones would wait for each other. */
async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	let held: Uint8Array[] = [];
	let bytes = 0;
	for await (const piece of pieces) {
		held.push(piece);
		bytes += piece.length;
		if (bytes < CHUNK_BYTES) continue;
		yield Buffer.concat(held);
		[held, bytes] = [[], 0];
	}
	yield Buffer.concat(held);
}

/** A document and files as the form that the server reads: the document first, each file by its token. */
export function multipartBody(document: Buffer, uploads: readonly Upload[]): RequestBody {
	const boundary = randomBytes(16).toString('hex');
	const head = Buffer.concat([
		Buffer.from(
			`--${boundary}\r\nContent-Disposition: form-data; name="FileRepresentation"\r\n` +
				'Content-Type: text/plain; charset=utf-8\r\n\r\n',
		),
		document,
		Buffer.from('\r\n'),
	]);
	const files = uploads.reduce(
		(sum, upload) => sum + partHead(boundary, upload).length + upload.bytes + 2,
		0,
	);
	const length = head.length + files + boundary.length + 6;
	return {
		headers: {
			'content-type': `multipart/form-data; boundary=${boundary}`,
			'content-length': String(length),
		},
		open: () => Readable.from(gathered(parts(head, uploads, boundary)), { objectMode: false }),
	};
}
