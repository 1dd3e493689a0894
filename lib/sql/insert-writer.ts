import type { DumpOutput } from './dump-output.ts';
import type { TablePart } from './table-plan.ts';
import { quoteIdentifier } from './identifiers.ts';
import { LargeRowWriter } from './large-row-writer.ts';
import type { LiteralWriter } from './literals.ts';
import type { RowReceiver } from './row-wire.ts';
import type { SqlText } from './sql-text.ts';

const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const NULL_MARKER = 0xfb;
const TWO_BYTES = 0xfc;
const THREE_BYTES = 0xfd;
const BETWEEN_ROWS = Buffer.from(',\n', 'latin1');
const AFTER_ROWS = Buffer.from(';\n', 'latin1');

/**
 * Writes row packets of the text protocol (each value: its length, then its bytes) as INSERT
 * statements. A row that alone is larger than a statement should be gets one of its own.
 */
export class InsertWriter implements RowReceiver {
	readonly #out: DumpOutput;
	readonly #writers: readonly LiteralWriter[];
	readonly #head: Buffer;
	readonly #statementBytes: number;
	#large: LargeRowWriter | undefined;
	/** Where the open statement begins in the text; negative when its first bytes were handed on. */
	#start = 0;
	#open = false;

	/** `statementBytes`: an INSERT is closed before it grows beyond this. */
	constructor(out: DumpOutput, part: TablePart, statementBytes: number) {
		this.#out = out;
		this.#statementBytes = statementBytes;
		this.#writers = part.columns.map(({ write }) => write);
		const columns = part.columns.map(({ name }) => quoteIdentifier(name)).join(',');
		this.#head = Buffer.from(`INSERT INTO ${quoteIdentifier(part.table)} (${columns}) VALUES\n`);
	}

	row(source: Buffer, start: number, end: number): void {
		const { text, checksum } = this.#out;
		const isFirst = !this.#open;
		const before = text.length;
		this.#beginRow(text);
		const from = text.length;
		text.byte(OPEN);
		let at = start;
		let first = true;
		for (const write of this.#writers) {
			if (!first) text.byte(COMMA);
			first = false;
			at = writeValue(text, write, source, at);
		}
		text.byte(CLOSE);
		if (!isFirst && text.length - this.#start > this.#statementBytes) {
			this.#moveToNextStatement(before, from);
		}
		checksum.row(source, start, end);
	}

	piece(source: Buffer, start: number, end: number): void {
		if (this.#large === undefined) {
			this.endStatement();
			if (this.#out.frameIsFull) this.#out.endFrame();
			this.#beginRow(this.#out.text);
			this.#large = new LargeRowWriter(this.#out, this.#writers);
		}
		this.#out.checksum.piece(source, start, end);
		this.#start -= this.#large.piece(source, start, end);
	}

	endRow(): void {
		this.#out.checksum.endRow();
		this.#large?.end();
		this.#large = undefined;
		this.endStatement();
		if (this.#out.frameIsFull) this.#out.endFrame();
	}

	#beginRow(text: SqlText): void {
		if (this.#open) {
			text.append(BETWEEN_ROWS, 0, BETWEEN_ROWS.length);
			return;
		}
		this.#open = true;
		this.#start = text.length;
		text.append(this.#head, 0, this.#head.length);
	}

	/** Closes the open statement, if there is one. */
	endStatement(): void {
		if (!this.#open) return;
		const { text } = this.#out;
		this.#out.countStatement(text.length - this.#start);
		text.append(AFTER_ROWS, 0, AFTER_ROWS.length);
		this.#open = false;
	}

	/** The row that was just written does not fit any more: `before` is the end of the row before it. */
	#moveToNextStatement(before: number, from: number): void {
		const { text } = this.#out;
		const row = Buffer.from(text.bytes.subarray(from, text.length));
		text.length = before;
		this.endStatement();
		if (this.#out.frameIsFull) this.#out.endFrame();
		this.#beginRow(text);
		text.append(row, 0, row.length);
	}
}

/** Writes the value that begins at `at` and returns where the next one begins. */
function writeValue(out: SqlText, write: LiteralWriter, source: Buffer, at: number): number {
	const first = source[at] ?? NULL_MARKER;
	if (first === NULL_MARKER) {
		out.ascii('NULL');
		return at + 1;
	}
	let length = first;
	let start = at + 1;
	if (first === TWO_BYTES) {
		length = source.readUInt16LE(start);
		start += 2;
	} else if (first === THREE_BYTES) {
		length = source.readUIntLE(start, 3);
		start += 3;
	}
	write(out, source, start, start + length);
	return start + length;
}
