/**
 * Splits one statement into tokens, by position. Executable comments (opened by slash, star, `!` and a version, or `M!`)
 * are transparent: what stands in them is code. Plain comments and blanks are left out.
 */
export type TokenKind = 'word' | 'quotedName' | 'string' | 'punctuation';

export interface Token {
	readonly kind: TokenKind;
	readonly start: number;
	readonly end: number;
}

const BACKTICK = 0x60;
const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const STAR = 0x2a;
const MINUS = 0x2d;
const HASH = 0x23;
const BANG = 0x21;
const UPPER_M = 0x4d;
const LINE_FEED = 0x0a;
/** Executable comments for such versions run nowhere: the sandbox line of mariadb-dump is one. */
const NEVER_VERSION = 990_000;

function isBlank(byte: number): boolean {
	return byte <= 0x20;
}

function isWordByte(byte: number): boolean {
	return (
		(byte >= 0x30 && byte <= 0x39) ||
		(byte >= 0x41 && byte <= 0x5a) ||
		(byte >= 0x61 && byte <= 0x7a) ||
		byte === 0x5f ||
		byte === 0x24 ||
		byte >= 0x80
	);
}

function isDigit(byte: number): boolean {
	return byte >= 0x30 && byte <= 0x39;
}

/** Index after the quoted text that begins at `start`; the end of the statement when it is not closed. */
function skipQuoted(sql: Buffer, start: number): number {
	const quote = sql[start] ?? 0;
	let at = start + 1;
	while (at < sql.length) {
		const byte = sql[at] ?? 0;
		if (byte === BACKSLASH && quote !== BACKTICK) at += 2;
		else if (byte !== quote) at += 1;
		else if (sql[at + 1] === quote) at += 2;
		else return at + 1;
	}
	return sql.length;
}

/** Index after blanks, plain comments and the marks of executable comments. */
function skipToCode(sql: Buffer, start: number): number {
	let at = start;
	for (;;) {
		const byte = sql[at];
		const next = sql[at + 1];
		if (byte === undefined) return sql.length;
		if (isBlank(byte)) at += 1;
		else if (byte === HASH || (byte === MINUS && next === MINUS && isBlank(sql[at + 2] ?? 0))) {
			const end = sql.indexOf(LINE_FEED, at);
			at = end < 0 ? sql.length : end + 1;
		} else if (byte === SLASH && next === STAR) at = skipCommentStart(sql, at);
		else if (byte === STAR && next === SLASH) at += 2;
		else return at;
	}
}

function skipCommentStart(sql: Buffer, start: number): number {
	let at = start + 2;
	if (sql[at] === UPPER_M && sql[at + 1] === BANG) at += 2;
	else if (sql[at] === BANG) at += 1;
	else return skipComment(sql, at);
	const digits = at;
	while (isDigit(sql[at] ?? 0)) at += 1;
	const version = Number(sql.toString('latin1', digits, at));
	return version === 99_999 || version >= NEVER_VERSION ? skipComment(sql, at) : at;
}

function skipComment(sql: Buffer, start: number): number {
	const end = sql.indexOf('*/', start);
	return end < 0 ? sql.length : end + 2;
}

export function* tokens(sql: Buffer): Generator<Token> {
	let at = skipToCode(sql, 0);
	while (at < sql.length) {
		const byte = sql[at] ?? 0;
		const start = at;
		let kind: TokenKind;
		if (byte === BACKTICK) {
			kind = 'quotedName';
			at = skipQuoted(sql, at);
		} else if (byte === QUOTE || byte === DOUBLE_QUOTE) {
			kind = 'string';
			at = skipQuoted(sql, at);
		} else if (isWordByte(byte)) {
			kind = 'word';
			while (at < sql.length && isWordByte(sql[at] ?? 0)) at += 1;
		} else {
			kind = 'punctuation';
			at += 1;
		}
		yield { kind, start, end: at };
		at = skipToCode(sql, at);
	}
}

/** The word in upper case, or the punctuation; quoted things are the empty text. */
export function keyword(sql: Buffer, token: Token | undefined): string {
	if (token === undefined || token.kind === 'quotedName' || token.kind === 'string') return '';
	return sql.toString('latin1', token.start, token.end).toUpperCase();
}

/** The name that a token stands for, `undefined` when it cannot be a name. */
export function nameOf(sql: Buffer, token: Token | undefined): string | undefined {
	if (token === undefined || token.kind === 'punctuation' || token.kind === 'string') {
		return undefined;
	}
	const text = sql.toString('utf8', token.start, token.end);
	return token.kind === 'word' ? text : text.slice(1, -1).replaceAll('``', '`');
}
