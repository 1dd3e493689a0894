import { type EngineContext, throwIfAborted } from '../core/index.ts';
import type { DumpCheck } from './dump-check.ts';
import { DumpReader } from './dump-reader.ts';

/** Enough of each statement for the longest list of columns; rows are counted without keeping them. */
const HEAD_BYTES = 256 * 1024;

/**
 * Reads a whole (already decompressed) dump without a server: every statement is lexed to its end, rows
 * and objects are counted, the trailer is demanded. Rejects with `artifact_truncated`,
 * `artifact_corrupt`, `cancelled`, or the source's own error.
 */
export async function checkDump(
	chunks: AsyncIterable<Uint8Array>,
	ctx: EngineContext,
	options: { readonly requireEnd?: boolean } = {},
): Promise<DumpCheck> {
	const reader = new DumpReader({ keepBytes: HEAD_BYTES, ...options });
	throwIfAborted(ctx.signal);
	for await (const chunk of chunks) {
		throwIfAborted(ctx.signal);
		// The reader counts by itself; taking each statement is what drives it.
		for (const statement of reader.push(chunk)) void statement;
		ctx.progress.report({ phase: 'check', done: reader.bytes, unit: 'bytes' });
	}
	const ending = reader.end();
	let step = ending.next();
	while (step.done !== true) step = ending.next();
	const { tally, bytes } = reader;
	return {
		bytes,
		statements: tally.statements,
		rows: tally.rows,
		tables: [...tally.tables].map(([name, rows]) => ({ name, rows })),
		views: tally.views.size,
		routines: tally.routines,
		triggers: tally.triggers.size,
		events: tally.events.size,
		largestStatementBytes: tally.largestStatementBytes,
		definers: [...tally.definers].sort(),
		origin: step.value,
	};
}
