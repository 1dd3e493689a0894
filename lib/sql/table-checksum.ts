import { readCatalog } from './catalog.ts';
import { readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { pinDumpSession } from './dump-session.ts';
import { RowChecksum, type TableChecksum } from './row-checksum.ts';
import { readServerInfo } from './server-info.ts';
import { tableReads } from './table-plan.ts';

/** How one table is read for its checksum: exactly the values that a dump of it would read. */
export interface ChecksumPlan {
	readonly table: string;
	/** More than one where former rows are dumped too. */
	readonly selects: readonly string[];
}

/**
 * Plans the checksums of all tables of the connection's database, in the order of their names, and pins
 * the session to what a dump reads under. `history`: the tables whose dump has their former rows. A
 * table that a dump would refuse rejects with `sql_object_unsupported`.
 */
export async function planTableChecksums(
	connection: SqlConnection,
	history: ReadonlySet<string> = new Set(),
): Promise<readonly ChecksumPlan[]> {
	await pinDumpSession(connection, await readServerInfo(connection));
	const catalog = await readCatalog(connection);
	const columns = await readColumns(connection, catalog.database);
	return catalog.tables.map((table) => {
		const { name } = table;
		const choice = { table, columns: columns.get(name) ?? [], indexes: [] };
		const reads = tableReads({ ...choice, history: history.has(name) });
		return { table: name, selects: reads.map(({ select }) => select) };
	});
}

/** Reads a whole table; compare with the `checksum` of the dump's summary. */
export async function readTableChecksum(
	connection: SqlConnection,
	{ selects }: ChecksumPlan,
): Promise<TableChecksum> {
	const checksum = new RowChecksum();
	for (const select of selects) await connection.stream(select, checksum);
	return checksum.result();
}
