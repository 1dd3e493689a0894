import type { EngineContext } from '../core/index.ts';
import { integer } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { pinDumpSession } from './dump-session.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type ReadPlace, readOverSessions } from './read-sessions.ts';
import { readServerInfo } from './server-info.ts';

/** A table and how many rows it should have. */
export interface CountedTable {
	readonly name: string;
	/** Its former rows count where the current ones are not as many as they should be. */
	readonly versioned: boolean;
	readonly expected: number | undefined;
}

/** Counts the rows of tables over connections of their own, the largest table first. */
export async function countRows(
	place: ReadPlace,
	tables: readonly CountedTable[],
	ctx: EngineContext,
): Promise<ReadonlyMap<string, number>> {
	const found = new Map<string, number>();
	const queue = [...tables].sort((a, b) => (a.expected ?? 0) - (b.expected ?? 0));
	const read = async (connection: SqlConnection, table: CountedTable): Promise<void> => {
		const { name, versioned, expected } = table;
		const [done, total] = [found.size, tables.length];
		ctx.progress.report({ phase: 'verify', done, total, unit: 'entries', item: name });
		let rows = await count(connection, quoteIdentifier(name));
		// The dump may hold the former rows of a system-versioned table, too.
		if (versioned && rows !== expected) {
			rows = await count(connection, `${quoteIdentifier(name)} FOR SYSTEM_TIME ALL`);
		}
		found.set(name, rows);
	};
	const begin = async (connection: SqlConnection): Promise<void> =>
		await pinDumpSession(connection, await readServerInfo(connection));
	await readOverSessions(place, { begin, next: () => queue.pop(), read }, ctx);
	return found;
}

async function count(connection: SqlConnection, source: string): Promise<number> {
	const { rows } = await connection.rows(`SELECT COUNT(*) FROM ${source}`);
	return integer(rows[0]?.[0]);
}
