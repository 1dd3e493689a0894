/** A piece of a dump with whole statements of one object, as the manifest of a backup set lists it. */
export interface DumpFrame {
	/** `kind:name`, e.g. `table:entities`; absent for what stands before and after all objects. */
	readonly object?: string;
	/** Of the SQL text. */
	readonly contentBytes: number;
}

/** A dump of this package whose frames can be read on their own, in any order and several at once. */
export interface FramedDump {
	/** In the order of the file. */
	readonly frames: readonly DumpFrame[];
	/** The SQL text of the frames `from` up to, but without, `to`. */
	read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Neighbouring frames of one table. */
export interface FrameRun {
	readonly table: string;
	readonly from: number;
	/** The first frame that does not belong to it. */
	readonly to: number;
	readonly bytes: number;
}

/** A dump as it is loaded: what all tables need, the tables in any order, what needs all tables. */
export interface FrameOrder {
	/** Frames before this one come first. */
	readonly prologue: number;
	/** One for each table, in the order of the file. */
	readonly tables: readonly FrameRun[];
	/** This frame and those after it come last. */
	readonly epilogue: number;
}

const TABLE = 'table:';

export function frameOrder({ frames }: Pick<FramedDump, 'frames'>): FrameOrder {
	const isTable = ({ object }: DumpFrame) => object?.startsWith(TABLE) === true;
	const first = frames.findIndex(isTable);
	if (first < 0) return { prologue: frames.length, tables: [], epilogue: frames.length };
	const last = frames.findLastIndex(isTable);
	const tables: FrameRun[] = [];
	for (let from = first; from <= last;) {
		const object = frames[from]?.object;
		let [to, bytes] = [from, 0];
		for (; to <= last && frames[to]?.object === object; to += 1) {
			bytes += frames[to]?.contentBytes ?? 0;
		}
		tables.push({ table: (object ?? '').slice(TABLE.length), from, to, bytes });
		from = to;
	}
	return { prologue: first, tables, epilogue: last + 1 };
}

/** Cuts frames into runs of about `bytes`, so that several connections can share a table. */
export function cutRun(
	{ frames }: Pick<FramedDump, 'frames'>,
	run: FrameRun,
	bytes: number,
): FrameRun[] {
	const runs: FrameRun[] = [];
	let [from, sum] = [run.from, 0];
	for (let at = run.from; at < run.to; at += 1) {
		sum += frames[at]?.contentBytes ?? 0;
		if (sum < bytes && at + 1 < run.to) continue;
		runs.push({ table: run.table, from, to: at + 1, bytes: sum });
		[from, sum] = [at + 1, 0];
	}
	return runs;
}
