import { type EngineContext, throwIfAborted } from '../core/index.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { KillableSession } from './killable-session.ts';
import type { TableChecksum } from './row-checksum.ts';
import { type ChecksumPlan, planTableChecksums, readTableChecksum } from './table-checksum.ts';

/** One of two processors reads while the other one sends. */
const CONNECTIONS = 2;

export interface ChecksumTables {
	/** Rows by table, for the order of reading. */
	readonly rows: ReadonlyMap<string, number>;
	/** Tables whose dump has their former rows. */
	readonly history: ReadonlySet<string>;
}

/**
 * Reads the tables of a database back and sums their rows up, over connections of their own, the largest
 * table (by `rows`) first.
 */
export async function readChecksums(
	place: { readonly endpoint: SqlEndpoint; readonly database: string },
	{ rows, history }: ChecksumTables,
	ctx: EngineContext,
): Promise<ReadonlyMap<string, TableChecksum>> {
	const found = new Map<string, TableChecksum>();
	const sessions: KillableSession[] = [];
	let queue: ChecksumPlan[] | undefined;
	const open = async (): Promise<KillableSession> => {
		const session = await KillableSession.open(place.endpoint, place.database, ctx.signal);
		sessions.push(session);
		return session;
	};
	const work = async (): Promise<void> => {
		const { connection } = await open();
		const plans = await planTableChecksums(connection, history);
		const wanted = plans.filter(({ table }) => rows.has(table));
		queue ??= wanted.sort((a, b) => (rows.get(a.table) ?? 0) - (rows.get(b.table) ?? 0));
		for (let plan = queue.pop(); plan !== undefined; plan = queue.pop()) {
			throwIfAborted(ctx.signal);
			const [done, total] = [rows.size - queue.length, rows.size];
			ctx.progress.report({ phase: 'verify', done, total, unit: 'entries', item: plan.table });
			found.set(plan.table, await readTableChecksum(connection, plan));
		}
	};
	try {
		await Promise.all(Array.from({ length: CONNECTIONS }, work));
		return found;
	} finally {
		await Promise.all(sessions.map(async (session) => await session.close()));
	}
}
