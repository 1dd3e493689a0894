/** A part of a multipart/form-data body. */
export interface Part {
	readonly name: string;
	/** null for a form field. */
	readonly fileName: string | null;
	readonly contentType: string;
	readonly content: Buffer;
}

/** The body cannot be taken apart. */
export class MultipartError extends Error {}

/** The boundary of a multipart content type, or null for any other type. */
export function boundaryOf(contentType: string): string | null {
	const found = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
	return found === null ? null : (found[1] ?? found[2] ?? null);
}

function header(headers: string, name: string): string {
	return new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(headers)?.[1]?.trim() ?? '';
}

/** Quoted, with `\"` for a quote, or a bare token. */
function parameter(text: string, name: string): string | null {
	const found = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, 'i').exec(text);
	if (found === null) return null;
	return found[1]?.replace(/\\(.)/g, '$1') ?? found[2] ?? null;
}

function readPart(bytes: Buffer): Part {
	const headEnd = bytes.indexOf('\r\n\r\n');
	if (headEnd === -1) throw new MultipartError('A part has no end of its headers.');
	const head = bytes.subarray(0, headEnd).toString('utf8');
	const disposition = header(head, 'Content-Disposition');
	return {
		name: parameter(disposition, 'name') ?? '',
		fileName: parameter(disposition, 'filename'),
		contentType: header(head, 'Content-Type'),
		content: bytes.subarray(headEnd + 4),
	};
}

/**
 * Takes a body apart. A missing end is tolerated: the official Python client announces too short a body
 * when its XML part is not plain ASCII, so that the closing boundary is cut off.
 */
export function readParts(body: Buffer, boundary: string): Part[] {
	const mark = `--${boundary}`;
	const parts: Part[] = [];
	let at = body.indexOf(mark);
	if (at === -1) throw new MultipartError('The boundary does not occur in the body.');
	for (;;) {
		const start = at + mark.length;
		if (body.subarray(start, start + 2).toString('latin1') !== '\r\n') return parts;
		const next = body.indexOf(`\r\n${mark}`, start);
		if (next === -1) {
			parts.push(readPart(body.subarray(start + 2, endOfCut(body, mark))));
			return parts;
		}
		parts.push(readPart(body.subarray(start + 2, next)));
		at = next + 2;
	}
}

/** Where the last part ends when the closing boundary is cut: before what is left of it. */
function endOfCut(body: Buffer, mark: string): number {
	const closing = Buffer.from(`\r\n${mark}--\r\n`);
	for (let length = Math.min(closing.length, body.length); length > 0; length--) {
		const tail = body.subarray(body.length - length);
		if (tail.equals(closing.subarray(0, length))) return body.length - length;
	}
	return body.length;
}
