import {
	type ByteChunk,
	EngineError,
	type EngineContext,
	throwIfAborted,
	toEngineError,
} from '../core/index.ts';
import type { PreparedDump } from './dump-database.ts';
import { writeFooter, writeHeader, writeHistorySession } from './dump-frame.ts';
import {
	type ObjectText,
	programTexts,
	sequenceText,
	writeTableDefinition,
} from './dump-objects.ts';
import { DumpOutput, FRAME_BYTES } from './dump-output.ts';
import type { DumpSummary, DumpedTable } from './dump-summary.ts';
import { trailerLine } from './dump-trailer.ts';
import { hasFileRows, mayHaveFileRows, writeFileRows } from './file-rows.ts';
import { isWhole } from './left-out.ts';
import { ReadAhead } from './read-ahead.ts';
import { RowChecksum } from './row-checksum.ts';
import type { TablePart, TablePlan } from './table-plan.ts';
import { demandUnchanged } from './unchanged.ts';

/** So many parts may have frames of the usual size; of a larger database the frames are larger. */
const USUAL_PARTS = 512;
const MAX_FRAME_BYTES = 3 * 1024 * 1024;

/** Writes one prepared dump, once. */
export class DumpWriter {
	readonly #dump: PreparedDump;
	readonly #ctx: EngineContext;
	readonly #tables: DumpedTable[] = [];
	readonly #frameBytes: number;
	#rows = 0;
	#bytes = 0;
	#statements = 0;
	#largestStatementBytes = 0;
	#complete = false;

	constructor(dump: PreparedDump, ctx: EngineContext) {
		this.#dump = dump;
		this.#ctx = ctx;
		const parts = dump.plan.tables.reduce((sum, table) => sum + table.parts.length, 0);
		this.#frameBytes = Math.min(FRAME_BYTES * Math.ceil(parts / USUAL_PARTS), MAX_FRAME_BYTES);
	}

	async *chunks(): AsyncGenerator<ByteChunk> {
		const { sessions } = this.#dump;
		try {
			yield* this.#write();
			this.#complete = true;
		} catch (error) {
			throw toEngineError(error);
		} finally {
			if (this.#complete) await sessions.close();
			else await sessions.stop(new EngineError('cancelled', 'The dump was not read to its end'));
		}
	}

	/** Throws `internal` unless the dump was read to its end. */
	summary(): DumpSummary {
		if (!this.#complete) throw new EngineError('internal', 'The dump was not read to its end');
		const { server, selection, plan, snapshot, schemaVersion, warnings } = this.#dump;
		const { sequences, packages, triggers, events } = selection.catalog;
		return {
			server: { vendor: server.vendor, version: server.version },
			database: databaseOf(this.#dump),
			schemaVersion,
			snapshot,
			tables: this.#tables,
			sequences,
			views: plan.views.map(({ definition }) => definition.name),
			routines: plan.routines.map(({ kind, name }) => ({
				kind: kind === 'FUNCTION' ? 'function' : 'procedure',
				name,
			})),
			packages: [...new Set(packages.map(({ name }) => name))],
			triggers: triggers.map(({ name, table }) => ({ name, table })),
			events: events.map(({ name }) => name),
			definers: plan.definers,
			leftOut: isWhole(plan.leftOut) ? null : plan.leftOut,
			warnings,
			statements: this.#statements,
			bytes: this.#bytes,
			largestStatementBytes: this.#largestStatementBytes,
		};
	}

	async *#write(): AsyncGenerator<ByteChunk> {
		const { server, selection, plan, snapshot, tool } = this.#dump;
		throwIfAborted(this.#ctx.signal);
		const database = databaseOf(this.#dump);
		const header = { tool, server, database, snapshot, leftOut: plan.leftOut };
		yield* this.#text((out) => writeHeader(out, header));
		for (const sequence of plan.sequences) yield* this.#object(sequenceText(sequence));
		await this.#writeFileRows();
		yield* this.#writeTables();
		for (const text of programTexts(plan, selection.catalog.collation)) yield* this.#object(text);
		await demandUnchanged(this.#dump);
		yield* this.#text((out) => {
			writeFooter(out);
			const statements = this.#statements + out.statements;
			out.line(trailerLine({ statements, rows: this.#rows }, new Date()).trimEnd());
		});
	}

	/** Before the tables: the first session is idle, and sees the same moment as the dump. */
	async #writeFileRows(): Promise<void> {
		const { fileRows, selection, sessions, snapshot } = this.#dump;
		if (fileRows === undefined) return;
		const { catalog, structureOnly } = selection;
		if (!mayHaveFileRows(catalog, structureOnly)) return;
		const { connection } = sessions.first;
		if (!(await hasFileRows(connection, catalog.database))) return;
		await writeFileRows(connection, snapshot.at, fileRows());
	}

	*#object({ object, write }: ObjectText): Generator<ByteChunk> {
		throwIfAborted(this.#ctx.signal);
		yield* this.#text(write, object);
	}

	*#text(write: (out: DumpOutput) => void, object?: string): Generator<ByteChunk> {
		const out = new DumpOutput(object === undefined ? {} : { object });
		write(out);
		out.endFrame();
		this.#count(out);
		for (let chunk = out.take(); chunk !== undefined; chunk = out.take()) yield chunk;
	}

	async *#writeTables(): AsyncGenerator<ByteChunk> {
		const { plan, sessions, content } = this.#dump;
		const tables = new Map(plan.tables.map((table) => [table.name, table]));
		const reading = new ReadAhead({
			statementBytes: content.statementBytes,
			frameBytes: this.#frameBytes,
			begin: (out, part) => beginPart(out, part, tables.get(part.table)),
			end: (out, part) => writeHistorySession(out, part.isTimed ? 'end' : 'none'),
		});
		const parts = (transactional: boolean) =>
			plan.tables
				.filter((table) => table.transactional === transactional)
				.flatMap((table) => table.parts);
		const [loose, held] = [parts(false), parts(true)];
		const running = sessions.lanes.map(
			async ({ connection }) => await reading.start(connection, held),
		);
		if (sessions.locker !== undefined) {
			const { connection } = sessions.locker;
			running.push(reading.start(connection, loose).then(async () => await sessions.closeLocker()));
		}
		for (const table of plan.tables) yield* this.#writeTable(table, reading);
		await Promise.all(running);
	}

	async *#writeTable(table: TablePlan, reading: ReadAhead): AsyncGenerator<ByteChunk> {
		const { name, engine, parts } = table;
		const total = new RowChecksum();
		const before = this.#bytes;
		if (parts.length === 0) {
			const write = (out: DumpOutput) => writeTableDefinition(out, table);
			yield* this.#object({ object: `table:${name}`, write });
		}
		for (const part of parts) {
			const chunks = reading.take(part);
			for (;;) {
				const step = await chunks.next();
				if (step.done === true) {
					this.#count(step.value.output);
					total.add(step.value.output.total);
					this.#rows += step.value.output.total.rows;
					break;
				}
				this.#report(name);
				yield step.value;
			}
		}
		this.#tables.push({
			name,
			...total.result(),
			...(parts.length === 0 ? { structureOnly: true } : {}),
			...(parts.some(({ isTimed }) => isTimed) ? { history: true } : {}),
			bytes: this.#bytes - before,
			engine,
		});
		this.#report(name);
	}

	#report(item: string): void {
		throwIfAborted(this.#ctx.signal);
		this.#ctx.progress.report({ phase: 'dump', done: this.#rows, unit: 'rows', item });
	}

	#count({ bytes, statements, largestStatementBytes }: DumpOutput): void {
		this.#bytes += bytes;
		this.#statements += statements;
		this.#largestStatementBytes = Math.max(this.#largestStatementBytes, largestStatementBytes);
	}
}

function beginPart(out: DumpOutput, part: TablePart, table: TablePlan | undefined): void {
	if (part.isFirst && table !== undefined) writeTableDefinition(out, table);
	writeHistorySession(out, part.isTimed ? 'begin' : 'none');
}

function databaseOf({ selection }: PreparedDump): DumpSummary['database'] {
	const { database: name, characterSet, collation } = selection.catalog;
	return { name, characterSet, collation };
}
