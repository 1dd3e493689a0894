import { CHUNK_BYTES } from '../core/index.ts';
import { SqlText } from './sql-text.ts';

/** So many chunks may wait for the reader before the server is held back, and so few to let it go on. */
const PENDING_HIGH = 4;
const PENDING_LOW = 1;

/** The text of a dump on its way out: collected into chunks, with the counts for the summary. */
export class DumpOutput {
	statements = 0;
	rows = 0;
	bytes = 0;
	largestStatementBytes = 0;
	readonly #text = new SqlText();
	readonly #ready: Buffer[] = [];

	/** A comment or DELIMITER line, or a blank one; no statement. */
	line(text: string): void {
		this.#write(Buffer.from(`${text}\n`, 'utf8'));
	}

	/** One whole statement; `end` is its delimiter. */
	statement(sql: string | Buffer, end = ';\n'): void {
		const bytes = Buffer.from(sql);
		this.#write(bytes);
		this.#write(Buffer.from(end, 'latin1'));
		this.countStatement(bytes.length);
	}

	/** A piece of a statement that its writer counts. */
	piece(source: Buffer, start: number, end: number): void {
		this.#text.append(source, start, end);
		this.bytes += end - start;
		if (this.#text.length >= CHUNK_BYTES) this.#ready.push(this.#text.take());
	}

	countStatement(bytes: number): void {
		this.statements += 1;
		this.largestStatementBytes = Math.max(this.largestStatementBytes, bytes);
	}

	/** The next full chunk. */
	take(): Buffer | undefined {
		return this.#ready.shift();
	}

	/** The rest, after the last statement. */
	rest(): Buffer {
		return this.#text.take();
	}

	get isFull(): boolean {
		return this.#ready.length >= PENDING_HIGH;
	}

	get isLow(): boolean {
		return this.#ready.length <= PENDING_LOW;
	}

	#write(bytes: Buffer): void {
		this.piece(bytes, 0, bytes.length);
	}
}
