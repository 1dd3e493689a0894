import { type EngineContext, throwIfAborted } from '../core/index.ts';
import { pinDumpSession } from './dump-session.ts';
import type { LoadLanes } from './load-lanes.ts';
import type { TableChecksum } from './row-checksum.ts';
import { readServerInfo } from './server-info.ts';
import { planTableChecksums, readTableChecksum } from './table-checksum.ts';

export interface ChecksumTables {
	/** Rows by table, for the order of reading; other tables are not read. */
	readonly rows: ReadonlyMap<string, number>;
	/** Tables whose dump has their former rows. */
	readonly history: ReadonlySet<string>;
}

/**
 * Reads the tables of the database that was filled back and sums their rows up, over all connections, the
 * largest table (by `rows`) first. The connections are then pinned to what a dump reads under.
 */
export async function readChecksums(
	lanes: LoadLanes,
	{ rows, history }: ChecksumTables,
	ctx: EngineContext,
): Promise<ReadonlyMap<string, TableChecksum>> {
	const found = new Map<string, TableChecksum>();
	// The server may fold capital letters in names of tables.
	const folded = new Map([...rows].map(([name, count]) => [name.toLowerCase(), count]));
	const size = (table: string) => rows.get(table) ?? folded.get(table.toLowerCase());
	const { connection: first } = lanes.primary;
	const plans = await planTableChecksums(first, history);
	const server = await readServerInfo(first);
	for (const { connection } of lanes.all.slice(1)) await pinDumpSession(connection, server);
	const queue = plans
		.filter(({ table }) => size(table) !== undefined)
		.sort((a, b) => (size(b.table) ?? 0) - (size(a.table) ?? 0));
	await lanes.drain(queue, async ({ connection }, plan) => {
		throwIfAborted(ctx.signal);
		const [done, total] = [found.size, rows.size];
		ctx.progress.report({ phase: 'verify', done, total, unit: 'entries', item: plan.table });
		found.set(plan.table, await readTableChecksum(connection, plan));
	});
	return found;
}
