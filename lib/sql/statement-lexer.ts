import { oversizedStatement, truncatedDump } from './dump-errors.ts';
import { LineText } from './line-text.ts';

/** One statement of a dump, without its delimiter and without the comments before it. */
export interface Statement {
	/** The statement's bytes, at most `keepBytes` of them (see StatementLexer). */
	readonly bytes: Buffer;
	/** Full length. */
	readonly length: number;
	/** How many parentheses stand at the outermost level: rows of an INSERT, and its column list. */
	readonly groups: number;
	/** Bytes of the dump before the statement. */
	readonly offset: number;
	/** Ends of groups at the outermost level, some 64 kB apart, and that of the last one. */
	readonly groupEnds: readonly number[];
}

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKTICK = 0x60;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const STAR = 0x2a;
const MINUS = 0x2d;
const HASH = 0x23;
const OPEN = 0x28;
const CLOSE = 0x29;
const LINE_FEED = 0x0a;
const BANG = 0x21;
const UPPER_M = 0x4d;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const SEMICOLON = Buffer.from(';');
const DELIMITER_WORD = 'delimiter';
/** Look-ahead that a decision in code needs beside the delimiter: `/*M!`. */
const LOOK_AHEAD_BYTES = 4;
/** From one end of a group that is told to the next. */
const GROUP_STEP_BYTES = 64 * 1024;
/** Statements above 1 GiB are refused by every server. */
const STATEMENT_MAX_BYTES = 1024 * 1024 * 1024;

type State = 'between' | 'code' | 'quoted' | 'lineComment' | 'blockComment' | 'delimiterLine';

/**
 * Splits a dump into statements, as the standard clients do: quotes with backslash and doubled quotes,
 * backticks, `-- ` and `#` and block comments, executable comments (kept, their content is code),
 * `DELIMITER` lines, CR LF, byte order mark. Works on bytes, since dumps hold raw binary values, and
 * on chunks with any borders: what cannot be decided at the end of a chunk waits for the next one.
 */
export class StatementLexer {
	/** The text of the last comment line when nothing but blanks and comments came after it. */
	lastComment = '';
	/** The text of the first comment line of the dump: most programs sign there. */
	headComment: string | undefined;
	/** After `end`: the last statement had no delimiter. */
	endsOpen = false;
	/** Set these as the dump's own SET sql_mode tells: they change what a backslash means. */
	noBackslashEscapes = false;
	ansiQuotes = false;

	readonly #keepBytes: number;
	#state: State = 'between';
	/** Where a comment returns to. */
	#outer: 'between' | 'code' = 'between';
	#quote = 0;
	#delimiter = SEMICOLON;
	#carry: Buffer = Buffer.alloc(0);
	#atStart = true;
	/** Bytes of the dump before `#carry`. */
	#consumed = 0;
	#parts: Buffer[] = [];
	/** Where the open part of the statement lies in the buffer that is being lexed; none when equal. */
	#partStart = 0;
	#partEnd = 0;
	#kept = 0;
	#length = 0;
	#depth = 0;
	#groups = 0;
	#groupEnds: number[] = [];
	#groupEnd = 0;
	#offset = 0;
	readonly #line = new LineText();
	/** The last step came to a delimiter. */
	#ended = false;

	/** `keepBytes`: how much of each statement is handed out; the rest is lexed and dropped. */
	constructor(keepBytes: number = Number.POSITIVE_INFINITY) {
		this.#keepBytes = keepBytes;
	}

	/** Statements that end in this chunk; lexing goes on as they are taken. */
	*push(chunk: Uint8Array): Generator<Statement> {
		let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		const carried = this.#carry.length;
		if (carried > 0) {
			// Only the beginning of the chunk is copied to join it to what was left over.
			const joint = Buffer.concat([this.#carry, rest.subarray(0, 2 * this.#lookAhead())]);
			const at = yield* this.#lex(joint, false);
			if (at < carried) {
				this.#carry = Buffer.concat([this.#carry.subarray(at), rest]);
				return;
			}
			rest = rest.subarray(at - carried);
		}
		const at = yield* this.#lex(rest, false);
		this.#carry = Buffer.from(rest.subarray(at));
	}

	/**
	 * Call once after the last chunk: a last statement may lack its delimiter. Throws
	 * `artifact_truncated` when the dump ends inside quotes, a comment or a parenthesis.
	 */
	*end(): Generator<Statement> {
		yield* this.#lex(this.#carry, true);
		const open = this.#state === 'quoted' || this.#state === 'blockComment' || this.#depth > 0;
		if (open) throw truncatedDump(this.#consumed);
		if (this.#state === 'lineComment') this.#endLine();
		if (this.#length > 0) {
			const statement = this.#take();
			this.endsOpen = statement.bytes.some((byte) => byte > 0x20);
			if (this.endsOpen) yield statement;
		}
	}

	/** Returns how much of the buffer is done; near its end decisions wait for more, unless `final`. */
	*#lex(buffer: Buffer, final: boolean): Generator<Statement, number> {
		let owned = this.#parts.length;
		let at = 0;
		if (this.#atStart && (final || buffer.length > LOOK_AHEAD_BYTES)) {
			this.#atStart = false;
			if (buffer.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) at = 3;
		}
		for (;;) {
			// Anew each time: a DELIMITER line changes the look-ahead.
			const limit = final ? buffer.length : buffer.length - this.#lookAhead();
			if (at >= limit || this.#atStart) break;
			at = this.#step(buffer, at, limit);
			if (!this.#ended) continue;
			this.#ended = false;
			this.#endPart(buffer);
			owned = 0;
			const statement = this.#take();
			if (statement.length > 0) yield statement;
		}
		this.#consumed += at;
		this.#endPart(buffer);
		// What stays for the next chunk must not hang on memory that belongs to the caller.
		for (let index = owned; index < this.#parts.length; index += 1) {
			this.#parts[index] = Buffer.from(this.#parts[index] ?? []);
		}
		return at;
	}

	#step(buffer: Buffer, at: number, limit: number): number {
		switch (this.#state) {
			case 'between':
				return this.#lexBetween(buffer, at);
			case 'code':
				return this.#lexCode(buffer, at, limit);
			case 'quoted':
				return this.#lexQuoted(buffer, at, limit);
			case 'blockComment':
				return this.#lexBlockComment(buffer, at, limit);
			case 'lineComment':
			case 'delimiterLine':
				return this.#lexLine(buffer, at, limit);
		}
	}

	#lookAhead(): number {
		return Math.max(LOOK_AHEAD_BYTES, this.#delimiter.length, DELIMITER_WORD.length + 1);
	}

	/** One step between statements: a blank, a comment, DELIMITER, or the first byte of a statement. */
	#lexBetween(buffer: Buffer, at: number): number {
		const byte = buffer[at] ?? 0;
		if (byte <= 0x20) return at + 1;
		const comment = this.#commentAt(buffer, at);
		if (comment > 0) {
			this.#outer = 'between';
			return at + comment;
		}
		if (this.#startsDelimiterLine(buffer, at)) {
			this.#state = 'delimiterLine';
			return at + DELIMITER_WORD.length;
		}
		this.#state = 'code';
		this.#offset = this.#consumed + at;
		this.lastComment = '';
		return at;
	}

	#startsDelimiterLine(buffer: Buffer, at: number): boolean {
		const end = at + DELIMITER_WORD.length;
		const after = buffer[end];
		if (after !== 0x20 && after !== 0x09) return false;
		return buffer.toString('latin1', at, end).toLowerCase() === DELIMITER_WORD;
	}

	/** Length of the comment's opening when a plain comment begins here, else 0; enters its state. */
	#commentAt(buffer: Buffer, at: number): number {
		const byte = buffer[at];
		const next = buffer[at + 1];
		if (byte === HASH) {
			this.#startLine();
			return 1;
		}
		if (byte === MINUS && next === MINUS && (buffer[at + 2] ?? 0) <= 0x20) {
			this.#startLine();
			return 2;
		}
		if (byte !== SLASH || next !== STAR) return 0;
		const third = buffer[at + 2];
		if (third === BANG || (third === UPPER_M && buffer[at + 3] === BANG)) return 0;
		this.#state = 'blockComment';
		return 2;
	}

	/** Runs over code to its end, to a quote or a comment. */
	#lexCode(buffer: Buffer, start: number, limit: number): number {
		const delimiter = this.#delimiter;
		const first = delimiter[0] ?? 0;
		let at = start;
		while (at < limit) {
			const byte = buffer[at] ?? 0;
			if (byte === first && (delimiter.length === 1 || startsWith(buffer, at, delimiter))) {
				this.#keep(buffer, start, at);
				this.#ended = true;
				this.#state = 'between';
				return at + delimiter.length;
			}
			if (byte === QUOTE || byte === DOUBLE_QUOTE || byte === BACKTICK) {
				this.#quote = byte;
				this.#state = 'quoted';
				this.#keep(buffer, start, at + 1);
				return at + 1;
			}
			if (byte === OPEN) {
				if (this.#depth === 0) this.#groups += 1;
				this.#depth += 1;
			} else if (byte === CLOSE) {
				this.#depth -= 1;
				if (this.#depth === 0) this.#endGroup(this.#length + at + 1 - start);
			} else if (byte === HASH || byte === MINUS || byte === SLASH) {
				const comment = this.#commentAt(buffer, at);
				if (comment > 0) {
					this.#outer = 'code';
					this.#keep(buffer, start, at + comment);
					return at + comment;
				}
			}
			at += 1;
		}
		this.#keep(buffer, start, at);
		return at;
	}

	#endGroup(end: number): void {
		this.#groupEnd = end;
		if (end - (this.#groupEnds.at(-1) ?? 0) >= GROUP_STEP_BYTES) this.#groupEnds.push(end);
	}

	/** To the end of the quoted text. A doubled quote ends it here and begins the next at once. */
	#lexQuoted(buffer: Buffer, start: number, limit: number): number {
		const quote = this.#quote;
		const escapes =
			quote === QUOTE || (quote === DOUBLE_QUOTE && !this.ansiQuotes)
				? !this.noBackslashEscapes
				: false;
		let at = start;
		while (at < limit) {
			const byte = buffer[at];
			// `at + 1` exists: the look-ahead keeps it, and a cut after a backslash at the very end is open.
			if (byte === BACKSLASH && escapes) at += 2;
			else if (byte === quote) {
				this.#state = 'code';
				this.#keep(buffer, start, at + 1);
				return at + 1;
			} else at += 1;
		}
		at = Math.min(at, buffer.length);
		this.#keep(buffer, start, at);
		return at;
	}

	#lexBlockComment(buffer: Buffer, start: number, limit: number): number {
		const found = buffer.indexOf('*/', start, 'latin1');
		const closed = found >= 0 && found < limit;
		const at = closed ? found + 2 : limit;
		if (this.#outer === 'code') this.#keep(buffer, start, at);
		if (closed) this.#state = this.#outer;
		return at;
	}

	#lexLine(buffer: Buffer, start: number, limit: number): number {
		const found = buffer.indexOf(LINE_FEED, start);
		const ended = found >= 0 && found < limit;
		const at = ended ? found + 1 : limit;
		if (this.#state === 'lineComment' && this.#outer === 'code') this.#keep(buffer, start, at);
		this.#line.add(buffer.subarray(start, at));
		if (ended) this.#endLine();
		return at;
	}

	#startLine(): void {
		this.#state = 'lineComment';
		this.#line.clear();
	}

	#endLine(): void {
		const text = this.#line.take();
		if (this.#state === 'delimiterLine') {
			const word = text.split(/\s+/)[0] ?? '';
			if (word !== '') this.#delimiter = Buffer.from(word, 'utf8');
			this.#state = 'between';
			return;
		}
		this.headComment ??= text;
		if (this.#outer === 'between') this.lastComment = text;
		this.#state = this.#outer;
	}

	#keep(buffer: Buffer, start: number, end: number): void {
		const room = Math.min(end - start, this.#keepBytes - this.#kept);
		this.#length += end - start;
		if (this.#length > STATEMENT_MAX_BYTES)
			throw oversizedStatement(this.#offset, STATEMENT_MAX_BYTES);
		if (room <= 0) return;
		// One view for all that follows without a gap: a dump has millions of quotes.
		if (start !== this.#partEnd) {
			this.#endPart(buffer);
			this.#partStart = start;
		}
		this.#partEnd = start + room;
		this.#kept += room;
	}

	#endPart(buffer: Buffer): void {
		if (this.#partEnd > this.#partStart) {
			this.#parts.push(buffer.subarray(this.#partStart, this.#partEnd));
		}
		this.#partStart = 0;
		this.#partEnd = 0;
	}

	#take(): Statement {
		const bytes = Buffer.concat(this.#parts);
		if (this.#groupEnds.at(-1) !== this.#groupEnd) this.#groupEnds.push(this.#groupEnd);
		const statement = {
			bytes,
			length: this.#length,
			groups: this.#groups,
			offset: this.#offset,
			groupEnds: this.#groupEnds,
		};
		this.#parts = [];
		this.#kept = 0;
		this.#length = 0;
		this.#depth = 0;
		this.#groups = 0;
		this.#groupEnds = [];
		this.#groupEnd = 0;
		return statement;
	}
}

function startsWith(buffer: Buffer, at: number, text: Buffer): boolean {
	return buffer.compare(text, 0, text.length, at, Math.min(at + text.length, buffer.length)) === 0;
}
