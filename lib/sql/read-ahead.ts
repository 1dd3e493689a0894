import type { ByteChunk } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { DumpOutput } from './dump-output.ts';
import { InsertWriter } from './insert-writer.ts';
import { frameBuffers } from './sql-text.ts';
import type { TablePart } from './table-plan.ts';
import { Wakeup } from './wakeup.ts';

/** What may wait of the part that is being handed on. */
const HEAD_BYTES = 4 * 1024 * 1024;
/** What may wait of all later parts together; what bounds the memory of a dump. */
const AHEAD_BYTES = 24 * 1024 * 1024;
/** Connections go on when less than this part of the limit waits. */
const RESUME_SHARE = 0.5;

/** The rows of one part, on their way. */
export class PartReading {
	readonly part: TablePart;
	readonly output: DumpOutput;
	ended = false;

	constructor(part: TablePart, output: DumpOutput) {
		this.part = part;
		this.output = output;
	}
}

interface Lane {
	readonly connection: SqlConnection;
	/** In the order of the file, shared by the lanes that may read the same. */
	readonly queue: TablePart[];
	reading?: PartReading;
	paused: boolean;
}

export interface ReadAheadOptions {
	readonly statementBytes: number;
	readonly frameBytes: number;
	/** Writes what stands before the rows of a part. */
	readonly begin: (out: DumpOutput, part: TablePart) => void;
	readonly end: (out: DumpOutput, part: TablePart) => void;
}

/**
 * Reads parts over several connections and hands them on in the order of the file. The part whose turn
 * it is passes through; of later ones a bounded amount is kept, then their connections are paused.
 */
export class ReadAhead {
	readonly #lanes: Lane[] = [];
	readonly #readings = new Map<TablePart, PartReading>();
	readonly #options: ReadAheadOptions;
	readonly #wakeup = new Wakeup();
	readonly #spares = frameBuffers();
	#head: PartReading | undefined;
	#waiting = 0;
	#failure: { readonly error: unknown } | undefined;

	constructor(options: ReadAheadOptions) {
		this.#options = options;
	}

	/** Starts to read the parts of `queue`, which may be shared with other lanes, one after the other. */
	start(connection: SqlConnection, queue: TablePart[]): Promise<void> {
		const lane: Lane = { connection, queue, paused: false };
		this.#lanes.push(lane);
		return this.#run(lane).catch((error: unknown) => {
			this.#failure ??= { error };
			this.#wakeup.wake();
		});
	}

	/** The chunks of the next part; call for all parts in the order of the file. Throws the first failure. */
	async *take(part: TablePart): AsyncGenerator<ByteChunk, PartReading> {
		for (;;) {
			if (this.#failure !== undefined) throw this.#failure.error;
			const reading = this.#readings.get(part);
			const chunk = reading?.output.take();
			if (reading !== undefined && this.#head !== reading) this.#head = reading;
			if (chunk !== undefined) {
				this.#waiting -= chunk.length;
				this.#resume();
				yield chunk;
			} else if (reading?.ended === true) {
				this.#readings.delete(part);
				this.#head = undefined;
				return reading;
			} else {
				this.#resume();
				await this.#wakeup.wait();
			}
		}
	}

	async #run(lane: Lane): Promise<void> {
		for (let part = lane.queue.shift(); part !== undefined; part = lane.queue.shift()) {
			await this.#read(lane, part);
		}
	}

	async #read(lane: Lane, part: TablePart): Promise<void> {
		const { statementBytes, frameBytes, begin, end } = this.#options;
		const onReady = (bytes: number) => {
			this.#waiting += bytes;
			this.#pauseIfFull(lane);
			this.#wakeup.wake();
		};
		const object = `table:${part.table}`;
		const output = new DumpOutput({ object, frameBytes, onReady, spares: this.#spares });
		const insert = new InsertWriter(output, part, statementBytes);
		const reading = new PartReading(part, output);
		begin(output, part);
		lane.reading = reading;
		this.#readings.set(part, reading);
		await lane.connection.stream(part.select, insert);
		insert.endStatement();
		end(output, part);
		output.endFrame();
		reading.ended = true;
		this.#wakeup.wake();
	}

	#isFull(reading: PartReading, share: number): boolean {
		const waiting = reading.output.readyBytes;
		if (reading === this.#head) return waiting > HEAD_BYTES * share;
		return this.#waiting > AHEAD_BYTES * share;
	}

	#pauseIfFull(lane: Lane): void {
		if (lane.paused || lane.reading === undefined || !this.#isFull(lane.reading, 1)) return;
		lane.paused = true;
		lane.connection.pause();
	}

	#resume(): void {
		for (const lane of this.#lanes) {
			if (!lane.paused || lane.reading === undefined) continue;
			if (this.#isFull(lane.reading, RESUME_SHARE)) continue;
			lane.paused = false;
			lane.connection.resume();
		}
	}
}
