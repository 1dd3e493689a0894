import { type ByteChunk, endOfFrame } from '../core/index.ts';
import { RowChecksum } from './row-checksum.ts';
import { SqlText } from './sql-text.ts';

/** So many bytes may wait for the reader before the server is held back, and so few to let it go on. */
const PENDING_HIGH_BYTES = 4 * 1024 * 1024;
const PENDING_LOW_BYTES = 1024 * 1024;
/** A frame ends with the statement that takes it beyond this: no larger in sum, and quick to read alone. */
const FRAME_BYTES = 768 * 1024;
/** A statement far larger than a frame is handed on in pieces. */
const PIECE_BYTES = 2 * 1024 * 1024;

/** The text of a dump on its way out: collected into frames, with the counts for the summary. */
export class DumpOutput {
	statements = 0;
	bytes = 0;
	largestStatementBytes = 0;
	/** Of the rows in the open frame. */
	readonly checksum = new RowChecksum();
	readonly #text = new SqlText();
	readonly #ready: ByteChunk[] = [];
	#readyBytes = 0;
	#frameBytes = 0;

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
		this.#frameBytes += end - start;
		if (this.#text.length >= PIECE_BYTES) this.#push(this.#text.take());
	}

	countStatement(bytes: number): void {
		this.statements += 1;
		this.largestStatementBytes = Math.max(this.largestStatementBytes, bytes);
	}

	/** Whether a frame should end with this statement. */
	get frameIsFull(): boolean {
		return this.#frameBytes >= FRAME_BYTES;
	}

	/** Between statements. `object` is `kind:name`; absent for the beginning and the end of the dump. */
	endFrame(object?: string): void {
		if (this.#frameBytes === 0) return;
		const { rows, checksum } = this.checksum.result();
		const content = object?.startsWith('table:') === true ? { rows, checksum } : {};
		const label = object === undefined ? {} : { object, ...content };
		this.#push(endOfFrame(this.#text.take(), label));
		this.checksum.clear();
		this.#frameBytes = 0;
	}

	/** The next chunk. */
	take(): ByteChunk | undefined {
		const chunk = this.#ready.shift();
		this.#readyBytes -= chunk?.length ?? 0;
		return chunk;
	}

	get isFull(): boolean {
		return this.#readyBytes >= PENDING_HIGH_BYTES;
	}

	get isLow(): boolean {
		return this.#readyBytes <= PENDING_LOW_BYTES;
	}

	get isEmpty(): boolean {
		return this.#ready.length === 0;
	}

	#push(chunk: ByteChunk): void {
		this.#ready.push(chunk);
		this.#readyBytes += chunk.length;
	}

	#write(bytes: Buffer): void {
		this.piece(bytes, 0, bytes.length);
	}
}
