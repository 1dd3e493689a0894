import { type ByteChunk, type SpareBuffers, endOfFrame, recyclable } from '../core/index.ts';
import { RowChecksum } from './row-checksum.ts';
import { SqlText } from './sql-text.ts';

/** A frame ends with the statement that takes it beyond this: no larger in sum, and quick to read alone. */
export const FRAME_BYTES = 768 * 1024;
/** The list of frames must stay small for a huge table that is one part: its frames grow in steps. */
const GROWING_FRAMES = 512;
const MAX_FRAME_BYTES = 3 * 1024 * 1024;
/** A statement far larger than a frame is handed on in pieces. */
const PIECE_BYTES = 2 * 1024 * 1024;

export interface DumpOutputOptions {
	/** What the frames hold, `kind:name`; absent for what stands before and after all objects. */
	readonly object?: string;
	/** Default FRAME_BYTES. */
	readonly frameBytes?: number;
	/** Memory that is used again; absent: of its own. */
	readonly spares?: SpareBuffers;
	/** Is told of every chunk. */
	readonly onReady?: (bytes: number) => void;
}

/**
 * The text of one part of a dump (the rows of a range, an object) on its way out: collected into frames,
 * with the counts for the summary.
 */
export class DumpOutput {
	statements = 0;
	largestStatementBytes = 0;
	/** Of all rows whose frame has ended. */
	readonly total = new RowChecksum();
	/** Of the rows in the open frame. */
	readonly checksum = new RowChecksum();
	/** The open frame, or the last piece of it; writers of rows write here. */
	readonly text: SqlText;
	readonly #object: string | undefined;
	readonly #ready: ByteChunk[] = [];
	readonly #onReady: (bytes: number) => void;
	#frameBytes: number;
	#frames = 0;
	#readyBytes = 0;
	#takenBytes = 0;
	/** Bytes of the open frame that were handed on already. */
	#handedOn = 0;

	constructor(options: DumpOutputOptions = {}) {
		this.text = new SqlText(options.spares);
		this.#object = options.object;
		this.#frameBytes = options.frameBytes ?? FRAME_BYTES;
		this.#onReady = options.onReady ?? (() => undefined);
	}

	/** Of all text so far. */
	get bytes(): number {
		return this.#takenBytes + this.#readyBytes + this.text.length;
	}

	/** What waits to be taken. */
	get readyBytes(): number {
		return this.#readyBytes;
	}

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

	countStatement(bytes: number): void {
		this.statements += 1;
		this.largestStatementBytes = Math.max(this.largestStatementBytes, bytes);
	}

	/** Whether a frame should end with this statement. */
	get frameIsFull(): boolean {
		return this.#handedOn + this.text.length >= this.#frameBytes;
	}

	/** Within a huge statement: hands on what is there. Returns the bytes that are gone from `text`. */
	handOn(): number {
		if (this.text.length < PIECE_BYTES) return 0;
		const { bytes, recycle } = this.text.take();
		this.#handedOn += bytes.length;
		this.#push(recycle === undefined ? bytes : recyclable(bytes, recycle));
		return bytes.length;
	}

	/** Between statements. */
	endFrame(): void {
		if (this.#handedOn + this.text.length === 0) return;
		const object = this.#object;
		const content = object?.startsWith('table:') === true ? this.checksum.result() : {};
		const { bytes, recycle } = this.text.take();
		this.#push(endOfFrame(bytes, object === undefined ? {} : { object, ...content }, recycle));
		this.total.add(this.checksum);
		this.checksum.clear();
		this.#handedOn = 0;
		this.#frames += 1;
		if (this.#frames % GROWING_FRAMES === 0) {
			this.#frameBytes = Math.min(this.#frameBytes * 2, MAX_FRAME_BYTES);
		}
	}

	/** The next chunk. */
	take(): ByteChunk | undefined {
		const chunk = this.#ready.shift();
		if (chunk === undefined) return undefined;
		this.#readyBytes -= chunk.length;
		this.#takenBytes += chunk.length;
		return chunk;
	}

	#push(chunk: ByteChunk): void {
		this.#ready.push(chunk);
		this.#readyBytes += chunk.length;
		this.#onReady(chunk.length);
	}

	#write(bytes: Buffer): void {
		this.text.append(bytes, 0, bytes.length);
	}
}
