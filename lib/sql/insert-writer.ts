import type { DumpOutput } from './dump-output.ts';
import type { TablePlan } from './dump-plan.ts';
import { quoteIdentifier } from './identifiers.ts';
import type { LiteralWriter } from './literals.ts';
import { RowChecksum } from './row-checksum.ts';
import { SqlText } from './sql-text.ts';

/** An INSERT is closed before it grows beyond this: below the smallest max_allowed_packet in use (1 MiB). */
const STATEMENT_BYTES = 1_000_000;

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
export class InsertWriter {
	/** Of all rows. */
	readonly checksum = new RowChecksum();
	readonly #object: string;
	readonly #out: DumpOutput;
	readonly #writers: readonly LiteralWriter[];
	readonly #head: Buffer;
	readonly #row = new SqlText();
	/** Of the open statement, 0 when none is open. */
	#statementBytes = 0;

	constructor(out: DumpOutput, table: TablePlan) {
		this.#out = out;
		this.#object = `table:${table.name}`;
		this.#writers = table.columns.map(({ write }) => write);
		const columns = table.columns.map(({ name }) => quoteIdentifier(name)).join(',');
		this.#head = Buffer.from(`INSERT INTO ${quoteIdentifier(table.name)} (${columns}) VALUES\n`);
	}

	row(source: Buffer, start: number, end: number): void {
		this.#out.checksum.row(source, start, end);
		const row = this.#row;
		row.clear();
		row.byte(OPEN);
		let at = start;
		let first = true;
		for (const write of this.#writers) {
			if (!first) row.byte(COMMA);
			first = false;
			at = writeValue(row, write, source, at);
		}
		row.byte(CLOSE);
		this.#add(row);
	}

	/** Closes the open statement and the frame. */
	end(): void {
		this.#endStatement();
		this.#endFrame();
	}

	#endStatement(): void {
		if (this.#statementBytes === 0) return;
		this.#out.piece(AFTER_ROWS, 0, AFTER_ROWS.length);
		this.#out.countStatement(this.#statementBytes);
		this.#statementBytes = 0;
	}

	#endFrame(): void {
		this.checksum.add(this.#out.checksum);
		this.#out.endFrame(this.#object);
	}

	#add(row: SqlText): void {
		const grown = this.#statementBytes + BETWEEN_ROWS.length + row.length;
		if (this.#statementBytes > 0 && grown > STATEMENT_BYTES) {
			this.#endStatement();
			if (this.#out.frameIsFull) this.#endFrame();
		}
		const before = this.#statementBytes === 0 ? this.#head : BETWEEN_ROWS;
		this.#out.piece(before, 0, before.length);
		this.#out.piece(row.bytes, 0, row.length);
		this.#statementBytes += before.length + row.length;
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
	} else if (first > THREE_BYTES) {
		length = Number(source.readBigUInt64LE(start));
		start += 8;
	}
	write(out, source, start, start + length);
	return start + length;
}
