import type { SqlText } from './sql-text.ts';

/** Writes the value `source[start, end)` of one column as a literal of SQL. */
export type LiteralWriter = (out: SqlText, source: Buffer, start: number, end: number) => void;

/** Writes a value that comes in pieces, into a new piece of text each time. */
export interface PieceWriter {
	readonly before: string;
	readonly piece: LiteralWriter;
	readonly after: string;
}

/** A larger value may come in pieces, so how it is written must not depend on all of it. */
export const LARGE_CELL_BYTES = 512 * 1024;

/** Below this a copy byte by byte is faster than a call into native code. */
const SHORT_TEXT_BYTES = 48;

const QUOTE = 0x27;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const LOWER_E = 0x65;

/** Letter after the backslash for bytes that may not stand as they are, 0 for the others. */
const ESCAPES = new Uint8Array(256);
ESCAPES[0x00] = ZERO;
// The standard clients turn CR LF into LF, stop at NUL, and Windows ends a file at Ctrl-Z.
ESCAPES[0x0a] = 0x6e;
ESCAPES[0x0d] = 0x72;
ESCAPES[0x1a] = 0x5a;
ESCAPES[QUOTE] = QUOTE;
ESCAPES[BACKSLASH] = BACKSLASH;

const HEX_DIGITS = Buffer.from('0123456789ABCDEF', 'latin1');
/** More digits than any DECIMAL literal may have; see `writeDouble`. */
const DECIMAL_DIGITS = 60;

/** Text whose bytes are UTF-8 (or ASCII): '…' with backslash escapes. */
export const writeText: LiteralWriter = (out, source, start, end) => {
	out.byte(QUOTE);
	writeEscaped(out, source, start, end);
	out.byte(QUOTE);
};

/** Most texts need no escape: looking first, without a branch per byte, is faster (measured). */
const writeEscaped: LiteralWriter = (out, source, start, end) => {
	if (end - start <= SHORT_TEXT_BYTES) {
		writeShort(out, source, start, end);
		return;
	}
	let found = 0;
	for (let index = start; index < end; index += 1) found |= ESCAPES[source[index] ?? 0] ?? 0;
	if (found === 0) out.append(source, start, end);
	else writeWithEscapes(out, source, start, end);
};

/** Copies while it looks, and begins again when there was something to escape. */
const writeShort: LiteralWriter = (out, source, start, end) => {
	out.reserve(end - start);
	const { bytes } = out;
	let at = out.length;
	let found = 0;
	for (let index = start; index < end; index += 1) {
		const byte = source[index] ?? 0;
		found |= ESCAPES[byte] ?? 0;
		bytes[at++] = byte;
	}
	if (found === 0) out.length = at;
	else writeWithEscapes(out, source, start, end);
};

const writeWithEscapes: LiteralWriter = (out, source, start, end) => {
	out.reserve(2 * (end - start));
	const { bytes } = out;
	let at = out.length;
	for (let index = start; index < end; index += 1) {
		const byte = source[index] ?? 0;
		const escape = ESCAPES[byte] ?? 0;
		if (escape !== 0) {
			bytes[at++] = BACKSLASH;
			bytes[at++] = escape;
		} else {
			bytes[at++] = byte;
		}
	}
	out.length = at;
};

/** Any bytes: bare 0x…, which no character set touches; nothing as ''. */
export const writeHex: LiteralWriter = (out, source, start, end) => {
	if (start === end) {
		out.ascii("''");
		return;
	}
	out.ascii('0x');
	writeHexDigits(out, source, start, end);
};

const writeHexDigits: LiteralWriter = (out, source, start, end) => {
	out.reserve(2 * (end - start));
	const { bytes } = out;
	let at = out.length;
	for (let index = start; index < end; index += 1) {
		const byte = source[index] ?? 0;
		bytes[at++] = HEX_DIGITS[byte >> 4] ?? 0;
		bytes[at++] = HEX_DIGITS[byte & 15] ?? 0;
	}
	out.length = at;
};

const TEXT_PIECES: PieceWriter = { before: "'", piece: writeEscaped, after: "'" };
const HEX_PIECES: PieceWriter = { before: '0x', piece: writeHexDigits, after: '' };

/** How a value larger than LARGE_CELL_BYTES is written that `write` would write. */
export function pieceWriter(write: LiteralWriter): PieceWriter {
	return write === writeText ? TEXT_PIECES : HEX_PIECES;
}

function isPrintableAscii(source: Buffer, start: number, end: number): boolean {
	for (let index = start; index < end; index += 1) {
		const byte = source[index] ?? 0;
		if (byte < 0x20 || byte > 0x7e) return false;
	}
	return true;
}

/**
 * Bytes of a binary column, or of a character set in which printable ASCII is itself (latin1): quoted
 * where they are short and printable ASCII (shorter, readable, the same bytes in every such set), else
 * hex.
 */
export const writeAsciiOrHex: LiteralWriter = (out, source, start, end) => {
	const short = end - start < LARGE_CELL_BYTES;
	if (short && isPrintableAscii(source, start, end)) writeText(out, source, start, end);
	else writeHex(out, source, start, end);
};

/** A number as the server printed it. */
export const writeNumber: LiteralWriter = (out, source, start, end) => {
	out.append(source, start, end);
};

/**
 * A floating-point number as the server printed it. Without exponent it would be read as DECIMAL: that
 * loses the sign of -0 and has at most 65 digits, so such values get one.
 */
export const writeDouble: LiteralWriter = (out, source, start, end) => {
	out.append(source, start, end);
	let isZero = true;
	for (let index = start; index < end; index += 1) {
		const byte = source[index];
		if (byte === LOWER_E) return;
		if (byte !== ZERO && byte !== POINT && byte !== MINUS) isZero = false;
	}
	if (end - start > DECIMAL_DIGITS || (isZero && source[start] === MINUS)) out.ascii('e0');
};

/** Dates, times and types that are printed as ASCII text. */
export const writeQuoted: LiteralWriter = writeText;
