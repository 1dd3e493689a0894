/*
 * Rows of an INSERT as LOAD DATA takes them: a line per row, a tab between values, a backslash before what
 * would end them. Only the literals that our own dumps write are known; the caller sends everything else
 * as it is.
 */

const [TAB, LINE_FEED, BLANK, QUOTE, OPEN, CLOSE, COMMA] = [
	0x09, 0x0a, 0x20, 0x27, 0x28, 0x29, 0x2c,
] as const;
const [ZERO, UPPER_N, BACKSLASH, LOWER_N, LOWER_T, LOWER_X] = [
	0x30, 0x4e, 0x5c, 0x6e, 0x74, 0x78,
] as const;
const NULL_TEXT = 'NULL';

/** Bytes that a number of a dump may have. */
const NUMBER_BYTES = new Uint8Array(256);
for (const byte of Buffer.from('0123456789+-.eE')) NUMBER_BYTES[byte] = 1;
/** Value of a hexadecimal digit plus one, 0 for other bytes. */
const HEX_VALUES = new Uint8Array(256);
for (let value = 0; value < 16; value += 1) {
	HEX_VALUES[value.toString(16).charCodeAt(0)] = value + 1;
	HEX_VALUES[value.toString(16).toUpperCase().charCodeAt(0)] = value + 1;
}

/** Converts one statement; the lines are never more than twice as long. */
class LineWriter {
	readonly #sql: Buffer;
	readonly #lines: Buffer;
	#at: number;
	#length = 0;

	constructor(sql: Buffer, from: number) {
		this.#sql = sql;
		this.#at = from;
		// Only a raw tab or line feed grows, and a value of hexadecimal digits shrinks.
		this.#lines = Buffer.allocUnsafe(2 * (sql.length - from) + 1);
	}

	/** `undefined` when something is not known. */
	convert(): Buffer | undefined {
		const sql = this.#sql;
		for (;;) {
			this.#skipBlanks();
			if (sql[this.#at] !== OPEN || !this.#row()) return undefined;
			this.#skipBlanks();
			if (this.#at === sql.length) return this.#lines.subarray(0, this.#length);
			if (sql[this.#at] !== COMMA) return undefined;
			this.#at += 1;
		}
	}

	#skipBlanks(): void {
		for (;;) {
			const byte = this.#sql[this.#at];
			if (byte !== BLANK && byte !== LINE_FEED && byte !== TAB && byte !== 0x0d) return;
			this.#at += 1;
		}
	}

	/** From an opening to behind its closing parenthesis. */
	#row(): boolean {
		for (;;) {
			this.#at += 1;
			if (!this.#value()) return false;
			const after = this.#sql[this.#at];
			if (after === COMMA) this.#lines[this.#length++] = TAB;
			else if (after === CLOSE) {
				this.#at += 1;
				this.#lines[this.#length++] = LINE_FEED;
				return true;
			} else return false;
		}
	}

	#value(): boolean {
		const sql = this.#sql;
		const first = sql[this.#at] ?? 0;
		if (first === QUOTE) return this.#text();
		if (first === ZERO && sql[this.#at + 1] === LOWER_X) return this.#hex();
		if (NUMBER_BYTES[first] === 1) return this.#number();
		const word = sql.toString('latin1', this.#at, this.#at + NULL_TEXT.length);
		if (word !== NULL_TEXT) return false;
		this.#at += NULL_TEXT.length;
		this.#lines[this.#length++] = BACKSLASH;
		this.#lines[this.#length++] = UPPER_N;
		return true;
	}

	#number(): boolean {
		const [sql, lines] = [this.#sql, this.#lines];
		let [at, length] = [this.#at, this.#length];
		for (let byte = sql[at] ?? 0; NUMBER_BYTES[byte] === 1; byte = sql[++at] ?? 0) {
			lines[length++] = byte;
		}
		this.#at = at;
		this.#length = length;
		return true;
	}

	/** Escapes mean the same in both forms, so they stay. */
	#text(): boolean {
		const [sql, lines] = [this.#sql, this.#lines];
		let [at, length] = [this.#at + 1, this.#length];
		for (; at < sql.length; at += 1) {
			const byte = sql[at] ?? 0;
			if (byte === QUOTE) {
				if (sql[at + 1] !== QUOTE) break;
				at += 1;
				lines[length++] = QUOTE;
			} else if (byte === BACKSLASH) {
				lines[length++] = BACKSLASH;
				at += 1;
				lines[length++] = sql[at] ?? 0;
			} else if (byte === TAB || byte === LINE_FEED) {
				lines[length++] = BACKSLASH;
				lines[length++] = byte === TAB ? LOWER_T : LOWER_N;
			} else lines[length++] = byte;
		}
		this.#at = at + 1;
		this.#length = length;
		return at < sql.length;
	}

	#hex(): boolean {
		const [sql, lines] = [this.#sql, this.#lines];
		let [at, length] = [this.#at + 2, this.#length];
		for (;;) {
			const high = HEX_VALUES[sql[at] ?? 0] ?? 0;
			if (high === 0) break;
			const low = HEX_VALUES[sql[at + 1] ?? 0] ?? 0;
			if (low === 0) return false;
			at += 2;
			const byte = ((high - 1) << 4) | (low - 1);
			if (byte === TAB || byte === LINE_FEED || byte === BACKSLASH || byte === 0) {
				lines[length++] = BACKSLASH;
				lines[length++] =
					byte === TAB ? LOWER_T : byte === LINE_FEED ? LOWER_N : byte === 0 ? ZERO : byte;
			} else lines[length++] = byte;
		}
		this.#at = at;
		this.#length = length;
		return true;
	}
}

/** The rows of an INSERT from `from` on, `undefined` when they hold more than plain literals. */
export function rowsAsLines(sql: Buffer, from: number): Buffer | undefined {
	return new LineWriter(sql, from).convert();
}
