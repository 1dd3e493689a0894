import { type EngineContext, throwIfAborted } from '../core/index.ts';
import { type DumpOrigin, DumpReader, type ReadStatement } from './dump-reader.ts';
import { type FrameRun, type FramedDump, cutRun, frameOrder } from './framed-dump.ts';
import type { LoadLane, LoadLanes } from './load-lanes.ts';
import { readChunks } from './read-chunks.ts';
import type { LoadStatement, StatementLoader } from './statement-loader.ts';
import { hasPrimaryKey } from './primary-key.ts';
import { Wakeup } from './wakeup.ts';

/** What a connection takes at a time of a table that several share. */
const SHARE_BYTES = 12 * 1024 * 1024;

export interface FrameLoadOptions {
	readonly loader: StatementLoader;
	readonly lanes: LoadLanes;
	/** Tables whose rows tell their time: their frames need the settings of the ones before. */
	readonly timed: ReadonlySet<string>;
}

/** One statement after the other over one connection, the next one being read while the last one runs. */
class LaneFeed {
	/** What was sent. */
	readonly sent: LoadStatement[] = [];
	readonly #loader: StatementLoader;
	readonly #lane: LoadLane;
	readonly #keeps: (statement: LoadStatement) => boolean;
	#running: Promise<void> = Promise.resolve();

	constructor(
		loader: StatementLoader,
		lane: LoadLane,
		keeps: (statement: LoadStatement) => boolean,
	) {
		this.#loader = loader;
		this.#lane = lane;
		this.#keeps = keeps;
	}

	async load(read: ReadStatement): Promise<void> {
		const statement = this.#loader.prepare(read);
		await this.#running;
		if (statement === undefined) return;
		if (this.#keeps(statement)) this.sent.push(statement);
		this.#running = this.#run(statement);
		// Reported by the next await of it; without this it counts as unhandled meanwhile.
		this.#running.catch(() => undefined);
	}

	async finish(): Promise<void> {
		await this.#running;
		await this.#lane.commit();
	}

	async #run(statement: LoadStatement): Promise<void> {
		await this.#loader.run(this.#lane, statement);
		await this.#lane.commitIfLarge();
	}
}

/**
 * Loads a dump by its frames: what comes before the tables first, then the tables over all connections,
 * the largest first, then what needs them. A table with a primary key is shared by connections that have
 * nothing else to do; the rows of any other keep the order of the dump.
 */
export class FrameLoader {
	/** Counts for all connections, and has read everything in the end. */
	readonly reader = new DumpReader();
	readonly #dump: FramedDump;
	readonly #loader: StatementLoader;
	readonly #lanes: LoadLanes;
	readonly #timed: ReadonlySet<string>;
	readonly #ctx: EngineContext;
	readonly #queue: FrameRun[] = [];
	readonly #waiting = new Set<Wakeup>();
	/** Connections that may still have a table to share. */
	#opening = 0;

	constructor(dump: FramedDump, options: FrameLoadOptions, ctx: EngineContext) {
		this.#dump = dump;
		this.#loader = options.loader;
		this.#lanes = options.lanes;
		this.#timed = options.timed;
		this.#ctx = ctx;
	}

	/** Rejects as loading statement by statement does. */
	async load(): Promise<DumpOrigin> {
		const { prologue, tables, epilogue } = frameOrder(this.#dump);
		const { primary } = this.#lanes;
		const settings = await this.#load(primary, 0, prologue, ({ kind }) => kind.verb === 'set');
		this.#queue.push(...[...tables].sort((a, b) => b.bytes - a.bytes));
		await this.#lanes.together(async (lane) => {
			if (lane !== primary) for (const setting of settings) await this.#loader.run(lane, setting);
			await this.#loadTables(lane);
		});
		return await this.#loadRest(epilogue);
	}

	/** What comes after the tables, and the proof that all of the dump was read. */
	async #loadRest(from: number): Promise<DumpOrigin> {
		const feed = new LaneFeed(this.#loader, this.#lanes.primary, () => false);
		for await (const chunk of this.#chunks(from, this.#dump.frames.length)) {
			for (const read of this.reader.push(chunk)) await feed.load(read);
		}
		const ending = this.reader.end();
		let step = ending.next();
		for (; step.done !== true; step = ending.next()) await feed.load(step.value);
		await feed.finish();
		return step.value;
	}

	async #loadTables(lane: LoadLane): Promise<void> {
		const wakeup = new Wakeup();
		this.#waiting.add(wakeup);
		for (;;) {
			throwIfAborted(this.#ctx.signal);
			const run = this.#queue.shift();
			if (run !== undefined) await this.#loadTable(lane, run);
			else if (this.#opening === 0) return;
			else await wakeup.wait();
		}
	}

	async #loadTable(lane: LoadLane, run: FrameRun): Promise<void> {
		const { table, from, to } = run;
		const isFirst = this.#dump.frames[from - 1]?.object !== `table:${table}`;
		const mayShare = isFirst && to - from > 1 && !this.#timed.has(table);
		if (!mayShare || this.#lanes.all.length === 1) {
			await this.#load(lane, from, to);
			return;
		}
		this.#opening += 1;
		try {
			const made = await this.#load(lane, from, from + 1, ({ kind }) => kind.verb === 'create');
			const rest = { ...run, from: from + 1 };
			if (made.some(({ sql }) => hasPrimaryKey(sql))) {
				this.#queue.push(...cutRun(this.#dump, rest, SHARE_BYTES));
				return;
			}
		} finally {
			this.#opening -= 1;
			for (const wakeup of this.#waiting) wakeup.wake();
		}
		await this.#load(lane, from + 1, to);
	}

	/** Loads frames to their end and returns those of their statements that are to be kept. */
	async #load(
		lane: LoadLane,
		from: number,
		to: number,
		keeps: (statement: LoadStatement) => boolean = () => false,
	): Promise<readonly LoadStatement[]> {
		const feed = new LaneFeed(this.#loader, lane, keeps);
		const reader = new DumpReader({ tally: this.reader.tally });
		for await (const chunk of this.#chunks(from, to)) {
			for (const read of reader.push(chunk)) await feed.load(read);
		}
		for (const read of reader.endPart()) await feed.load(read);
		await feed.finish();
		this.reader.bytes += reader.bytes;
		return feed.sent;
	}

	async *#chunks(from: number, to: number): AsyncGenerator<Uint8Array> {
		for await (const chunk of readChunks(this.#dump.read(from, to), this.#ctx.signal)) {
			yield chunk;
			this.#ctx.progress.report({ phase: 'load', done: this.reader.bytes, unit: 'bytes' });
		}
	}
}
