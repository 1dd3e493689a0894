import type { Connection, Query } from 'mysql2';

import { EngineError } from '../core/index.ts';

/** Takes the row packets of one query; the bytes are valid during the call only. */
export interface RowReceiver {
	/** A whole row: `source[start, end)`. */
	row(source: Buffer, start: number, end: number): void;
	/** A part of a row that is too large to be held, cut anywhere. */
	piece(source: Buffer, start: number, end: number): void;
	/** After the last piece of such a row. */
	endRow(): void;
}

/** Rows up to this size are handed on whole; whether one is does not depend on the network. */
const WHOLE_ROW_BYTES = 1024 * 1024;
const HEADER_BYTES = 4;
/** A packet of this length is continued by the next one. */
const FULL_PACKET_BYTES = 0xff_ffff;
const ERROR_MARKER = 0xff;
const EOF_MARKER = 0xfe;
/** A row may begin with 0xfe (a value of 16 MiB or more) but is never so short. */
const EOF_MAX_BYTES = 9;

/** The inside of mysql2 3.24 that is used here; its version is pinned and tests on every server guard it. */
interface Driver {
	readonly packetParser: { execute(chunk: Buffer): void };
	sequenceId: number;
	readonly stream: { pause(): void; resume(): void };
}

/** A query whose rows are taken. */
interface Tap {
	readonly receiver: RowReceiver;
	/** Whether the driver now expects a row. */
	readonly expectsRow: () => boolean;
}

/**
 * Stands between the network and mysql2's packet parser. While a tapped query's rows come, their packets
 * are cut out here: no object per packet or row, and a huge value passes in pieces where the driver
 * would put it together twice. Everything else, the end-of-rows and error packets included, goes to the
 * driver, so its callback proves the end.
 */
export class RowWire {
	readonly #driver: Driver;
	readonly #pass: (chunk: Buffer) => void;
	#tap: Tap | undefined;
	/** Of the packet that is passed on to the driver: header bytes seen, bytes of content left. */
	#header = Buffer.alloc(HEADER_BYTES);
	#headerBytes = 0;
	#left = 0;
	/** A packet that is collected because it is cut by the end of a chunk. */
	#held: Buffer | undefined;
	#heldBytes = 0;
	/** Bytes left of a row packet that is handed on in pieces, and whether its row goes on after it. */
	#pieceLeft = 0;
	#continued = false;

	constructor(connection: Connection) {
		this.#driver = connection as unknown as Driver;
		const parser = this.#driver.packetParser;
		if (typeof parser?.execute !== 'function') throw unknownDriver();
		// The driver keeps pieces of what it gets; the memory of a chunk is used again by the socket.
		this.#pass = (chunk) => parser.execute(Buffer.from(chunk));
		const execute = (chunk: Buffer) => this.take(chunk);
		Reflect.set(connection, 'packetParser', { execute });
	}

	/** Call with a query that was just made on an idle connection. */
	tap(query: Query, receiver: RowReceiver): void {
		const original: unknown = Reflect.get(query, 'row');
		if (typeof original !== 'function') throw unknownDriver();
		const row = (packet: unknown, connection: unknown): unknown => {
			this.#tap = undefined;
			const next: unknown = Reflect.apply(original, query, [packet, connection]);
			return next;
		};
		Reflect.set(query, 'row', row);
		this.#tap = { receiver, expectsRow: () => Reflect.get(query, 'next') === row };
		this.#headerBytes = 0;
		this.#left = 0;
	}

	/** After the query has ended in any way. */
	untap(): void {
		this.#tap = undefined;
	}

	/** Stops reading; what has arrived is still handed on. */
	pause(): void {
		this.#driver.stream.pause();
	}

	resume(): void {
		this.#driver.stream.resume();
	}

	/** The next bytes from the server; they are not kept. */
	take(chunk: Buffer): void {
		let at = 0;
		while (at < chunk.length) {
			if (this.#tap === undefined) {
				// Either no tapped query, or its end: nothing follows that is not the driver's.
				this.#pass(at === 0 ? chunk : chunk.subarray(at));
				return;
			}
			at = this.#tap.expectsRow()
				? this.#takeRows(this.#tap.receiver, chunk, at)
				: this.#passPacket(chunk, at);
		}
	}

	/** Hands (a part of) one packet to the driver and returns where the next one begins. */
	#passPacket(chunk: Buffer, start: number): number {
		let at = start;
		if (this.#left === 0) {
			while (this.#headerBytes < HEADER_BYTES && at < chunk.length) {
				this.#header[this.#headerBytes++] = chunk[at++] ?? 0;
			}
			if (this.#headerBytes < HEADER_BYTES) {
				this.#pass(chunk.subarray(start, at));
				return at;
			}
			this.#left = this.#header.readUIntLE(0, 3);
		}
		const end = Math.min(at + this.#left, chunk.length);
		this.#left -= end - at;
		if (this.#left === 0) this.#headerBytes = 0;
		this.#pass(chunk.subarray(start, end));
		return end;
	}

	#takeRows(receiver: RowReceiver, chunk: Buffer, start: number): number {
		if (this.#pieceLeft > 0 || this.#continued) return this.#takePiece(receiver, chunk, start);
		if (this.#held !== undefined) return this.#takeHeld(receiver, chunk, start);
		const end = chunk.length;
		let at = start;
		while (end - at >= HEADER_BYTES) {
			const length = (chunk[at] ?? 0) | ((chunk[at + 1] ?? 0) << 8) | ((chunk[at + 2] ?? 0) << 16);
			const next = at + HEADER_BYTES + length;
			if (length > WHOLE_ROW_BYTES) {
				this.#beginPieces(length);
				return at + HEADER_BYTES;
			}
			if (next > end) break;
			if (isEnd(chunk[at + HEADER_BYTES], length)) return this.#passEnd(chunk, at, next);
			receiver.row(chunk, at + HEADER_BYTES, next);
			at = next;
		}
		if (at < end) this.#hold(chunk, at);
		return end;
	}

	#hold(chunk: Buffer, at: number): void {
		const known = chunk.length - at >= HEADER_BYTES;
		this.#held = Buffer.allocUnsafe(HEADER_BYTES + (known ? chunk.readUIntLE(at, 3) : 0));
		this.#heldBytes = chunk.copy(this.#held, 0, at);
	}

	#takeHeld(receiver: RowReceiver, chunk: Buffer, start: number): number {
		const held = this.#held ?? Buffer.alloc(0);
		const copied = chunk.copy(held, this.#heldBytes, start);
		this.#heldBytes += copied;
		const next = start + copied;
		if (this.#heldBytes < held.length) return next;
		const length = held.readUIntLE(0, 3);
		if (held.length === HEADER_BYTES && length > WHOLE_ROW_BYTES) {
			this.#held = undefined;
			this.#beginPieces(length);
			return next;
		}
		if (held.length < HEADER_BYTES + length) {
			this.#held = Buffer.concat([held], HEADER_BYTES + length);
			return next;
		}
		this.#held = undefined;
		if (isEnd(held[HEADER_BYTES], length)) this.#passEnd(held, 0, held.length);
		else receiver.row(held, HEADER_BYTES, held.length);
		return next;
	}

	#beginPieces(length: number): void {
		this.#pieceLeft = length;
		this.#continued = length === FULL_PACKET_BYTES;
	}

	#takePiece(receiver: RowReceiver, chunk: Buffer, start: number): number {
		let at = start;
		if (this.#pieceLeft === 0) {
			// The header of the next packet of the same row, which may be cut.
			while (this.#headerBytes < HEADER_BYTES && at < chunk.length) {
				this.#header[this.#headerBytes++] = chunk[at++] ?? 0;
			}
			if (this.#headerBytes < HEADER_BYTES) return at;
			this.#headerBytes = 0;
			this.#beginPieces(this.#header.readUIntLE(0, 3));
		}
		const end = Math.min(at + this.#pieceLeft, chunk.length);
		if (end > at) receiver.piece(chunk, at, end);
		this.#pieceLeft -= end - at;
		if (this.#pieceLeft === 0 && !this.#continued) receiver.endRow();
		return end;
	}

	/** The end of the rows, or an error: the driver did not see the packets before it. */
	#passEnd(source: Buffer, start: number, end: number): number {
		this.#driver.sequenceId = source[start + 3] ?? 0;
		this.#tap = undefined;
		this.#pass(source.subarray(start, end));
		return end;
	}
}

function isEnd(first: number | undefined, length: number): boolean {
	return first === ERROR_MARKER || (first === EOF_MARKER && length < EOF_MAX_BYTES);
}

function unknownDriver(): EngineError {
	return new EngineError('internal', 'This version of mysql2 reads rows in an unknown way');
}
