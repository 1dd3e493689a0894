import type { EngineContext } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { pinDumpSession } from './dump-session.ts';
import { type ReadPlace, readOverSessions } from './read-sessions.ts';
import type { TableChecksum } from './row-checksum.ts';
import { readServerInfo } from './server-info.ts';
import { type ChecksumPlan, planTableChecksums, readTableChecksum } from './table-checksum.ts';

export interface ChecksumTables {
	/** Rows by table, for the order of reading; other tables are not read. */
	readonly rows: ReadonlyMap<string, number>;
	/** Tables whose dump has their former rows. */
	readonly history: ReadonlySet<string>;
}

/**
 * Reads the tables of a database back and sums their rows up, over connections of their own, the largest
 * table (by `rows`) first.
 */
export async function readChecksums(
	place: ReadPlace,
	{ rows, history }: ChecksumTables,
	ctx: EngineContext,
): Promise<ReadonlyMap<string, TableChecksum>> {
	const found = new Map<string, TableChecksum>();
	// The server may fold capital letters in names of tables.
	const folded = new Map([...rows].map(([name, count]) => [name.toLowerCase(), count]));
	let queue: ChecksumPlan[] | undefined;
	const begin = async (connection: SqlConnection): Promise<void> => {
		if (queue !== undefined) {
			await pinDumpSession(connection, await readServerInfo(connection));
			return;
		}
		const plans = await planTableChecksums(connection, history);
		const size = (table: string) => rows.get(table) ?? folded.get(table.toLowerCase());
		const wanted = plans.filter(({ table }) => size(table) !== undefined);
		queue = wanted.sort((a, b) => (size(a.table) ?? 0) - (size(b.table) ?? 0));
	};
	const read = async (connection: SqlConnection, plan: ChecksumPlan): Promise<void> => {
		const [done, total] = [found.size, rows.size];
		ctx.progress.report({ phase: 'verify', done, total, unit: 'entries', item: plan.table });
		found.set(plan.table, await readTableChecksum(connection, plan));
	};
	await readOverSessions(place, { begin, next: () => queue?.pop(), read }, ctx);
	return found;
}
