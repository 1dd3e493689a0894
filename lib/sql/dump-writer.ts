import {
	type ByteChunk,
	EngineError,
	type EngineContext,
	throwIfAborted,
	toEngineError,
} from '../core/index.ts';
import { readPrograms } from './catalog.ts';
import { text } from './cells.ts';
import type { PreparedDump } from './dump-database.ts';
import { writeFooter, writeHeader } from './dump-frame.ts';
import { writeObjects } from './dump-objects.ts';
import type { DumpOutput } from './dump-output.ts';
import type { SequencePlan, TablePlan } from './dump-plan.ts';
import type { DumpSummary, DumpedTable } from './dump-summary.ts';
import { trailerLine } from './dump-trailer.ts';
import { commentText, quoteIdentifier } from './identifiers.ts';
import { InsertWriter } from './insert-writer.ts';
import { Wakeup } from './wakeup.ts';

/** Writes one prepared dump, once. */
export class DumpWriter {
	readonly #dump: PreparedDump;
	readonly #out: DumpOutput;
	readonly #ctx: EngineContext;
	readonly #tables: DumpedTable[] = [];
	#rows = 0;
	#complete = false;

	constructor(dump: PreparedDump, out: DumpOutput, ctx: EngineContext) {
		this.#dump = dump;
		this.#out = out;
		this.#ctx = ctx;
	}

	async *chunks(): AsyncGenerator<ByteChunk> {
		const { session } = this.#dump;
		try {
			yield* this.#write();
			this.#complete = true;
		} catch (error) {
			throw toEngineError(error);
		} finally {
			// Left early, by an error or by the reader: the server must not go on with a statement.
			if (this.#complete) await session.close();
			else await session.stop(new EngineError('cancelled', 'The dump was not read to its end'));
			await session.close();
		}
	}

	/** Throws `internal` unless the dump was read to its end. */
	summary(): DumpSummary {
		if (!this.#complete) throw new EngineError('internal', 'The dump was not read to its end');
		const { server, catalog, plan, snapshot, schemaVersion } = this.#dump;
		const { statements, bytes, largestStatementBytes } = this.#out;
		const owned = [catalog.views, catalog.routines, catalog.triggers, catalog.events].flat();
		return {
			server: { vendor: server.vendor, version: server.version },
			database: databaseOf(this.#dump),
			schemaVersion,
			snapshot,
			tables: this.#tables,
			sequences: catalog.sequences,
			views: plan.views.map(({ definition }) => definition.name),
			routines: plan.routines.map(({ kind, name }) => ({
				kind: kind === 'FUNCTION' ? 'function' : 'procedure',
				name,
			})),
			triggers: catalog.triggers.map(({ name, table }) => ({ name, table })),
			events: catalog.events.map(({ name }) => name),
			definers: [...new Set(owned.map(({ definer }) => definer))].sort(),
			warnings: plan.warnings,
			statements,
			bytes,
			largestStatementBytes,
		};
	}

	async *#write(): AsyncGenerator<ByteChunk> {
		const { server, catalog, plan, snapshot, tool } = this.#dump;
		throwIfAborted(this.#ctx.signal);
		const out = this.#out;
		writeHeader(out, { tool, server, database: databaseOf(this.#dump), snapshot });
		for (const sequence of plan.sequences) await this.#writeSequence(sequence);
		for (const table of plan.tables) yield* this.#writeTable(table);
		writeObjects(out, plan, catalog.collation);
		writeFooter(out);
		await this.#demandUnchanged();
		out.line(trailerLine({ statements: out.statements, rows: this.#rows }, new Date()).trimEnd());
		out.endFrame();
		for (let chunk = out.take(); chunk !== undefined; chunk = out.take()) yield chunk;
	}

	/** The state of a sequence is its one row; MariaDB takes it back by INSERT. */
	async #writeSequence({ name, definition }: SequencePlan): Promise<void> {
		const quoted = quoteIdentifier(name);
		this.#out.line('');
		this.#out.statement(definition);
		const { rows } = await this.#dump.session.connection.rows(`SELECT * FROM ${quoted}`);
		const values = (rows[0] ?? []).map(text).join(', ');
		this.#out.statement(`INSERT INTO ${quoted} VALUES (${values})`);
		this.#out.endFrame(`sequence:${name}`);
	}

	async *#writeTable(table: TablePlan): AsyncGenerator<ByteChunk> {
		const out = this.#out;
		const before = out.bytes;
		out.line('');
		out.line(`-- table ${commentText(table.name)}`);
		out.statement(table.definition);
		const insert = new InsertWriter(out, table);
		yield* this.#streamRows(table, insert);
		insert.end();
		const { name, engine } = table;
		const { rows, checksum } = insert.checksum.result();
		this.#rows += rows;
		this.#tables.push({ name, rows, checksum, bytes: out.bytes - before, engine });
	}

	/**
	 * The rows push, the reader of the dump pulls: while enough chunks wait, the connection is paused. The
	 * wait between ends on a chunk, on the end of the rows, and on every failure of the connection.
	 */
	async *#streamRows(table: TablePlan, insert: InsertWriter): AsyncGenerator<ByteChunk> {
		const out = this.#out;
		const { connection } = this.#dump.session;
		const wakeup = new Wakeup();
		let paused = false;
		let ended: { readonly rows: number } | undefined;
		let failure: unknown;
		const sink = (buffer: Buffer, start: number, end: number) => {
			insert.row(buffer, start, end);
			if (out.isFull && !paused) {
				paused = true;
				connection.pause();
			}
			if (!out.isEmpty) wakeup.wake();
		};
		const reading = connection.stream(table.select, sink).then(
			(rows) => {
				ended = { rows };
				wakeup.wake();
			},
			(error: unknown) => {
				failure = error ?? new Error('unknown');
				wakeup.wake();
			},
		);
		while (ended === undefined && failure === undefined) {
			const chunk = out.take();
			if (chunk !== undefined) {
				this.#report(table.name);
				yield chunk;
			}
			if (paused && out.isLow) {
				paused = false;
				connection.resume();
			}
			if (chunk === undefined) await wakeup.wait();
		}
		await reading;
		if (failure !== undefined) throw failure;
		if (ended?.rows !== insert.checksum.rows + out.checksum.rows) {
			throw new EngineError('internal', `Rows of table ${table.name} were lost while reading`);
		}
		this.#report(table.name);
	}

	#report(item: string): void {
		throwIfAborted(this.#ctx.signal);
		this.#ctx.progress.report({ phase: 'dump', done: this.#rows, unit: 'rows', item });
	}

	/** What the metadata locks of the transaction do not hold: routines, events, the list of tables. */
	async #demandUnchanged(): Promise<void> {
		const { session, catalog } = this.#dump;
		const { routines, triggers, events } = catalog;
		// MySQL shows its catalog as of the snapshot while the transaction lasts.
		await session.connection.exec('COMMIT');
		const now = await readPrograms(session.connection, catalog.database);
		if (JSON.stringify(now) === JSON.stringify({ routines, triggers, events })) return;
		throw new EngineError('sql_verify_failed', 'Routines or events were changed during the dump', {
			remedy: 'Run the backup again when nobody changes the structure of the database.',
		});
	}
}

function databaseOf({ catalog }: PreparedDump): DumpSummary['database'] {
	const { database: name, characterSet, collation } = catalog;
	return { name, characterSet, collation };
}
