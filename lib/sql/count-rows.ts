import { type EngineContext, throwIfAborted } from '../core/index.ts';
import { integer } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { quoteIdentifier } from './identifiers.ts';
import type { LoadLanes } from './load-lanes.ts';

/** A table and how many rows it should have. */
export interface CountedTable {
	readonly name: string;
	/** Its former rows count where the current ones are not as many as they should be. */
	readonly versioned: boolean;
	readonly expected: number | undefined;
}

/** Counts the rows of tables over all connections, the largest table first. */
export async function countRows(
	lanes: LoadLanes,
	tables: readonly CountedTable[],
	ctx: EngineContext,
): Promise<ReadonlyMap<string, number>> {
	const found = new Map<string, number>();
	const queue = [...tables].sort((a, b) => (b.expected ?? 0) - (a.expected ?? 0));
	await lanes.drain(queue, async ({ connection }, { name, versioned, expected }) => {
		throwIfAborted(ctx.signal);
		const [done, total] = [found.size, tables.length];
		ctx.progress.report({ phase: 'verify', done, total, unit: 'entries', item: name });
		let rows = await count(connection, quoteIdentifier(name));
		// The dump may hold the former rows of a system-versioned table, too.
		if (versioned && rows !== expected) {
			rows = await count(connection, `${quoteIdentifier(name)} FOR SYSTEM_TIME ALL`);
		}
		found.set(name, rows);
	});
	return found;
}

async function count(connection: SqlConnection, source: string): Promise<number> {
	const { rows } = await connection.rows(`SELECT COUNT(*) FROM ${source}`);
	return integer(rows[0]?.[0]);
}
