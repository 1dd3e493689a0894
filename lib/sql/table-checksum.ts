import { readCatalog } from './catalog.ts';
import { planColumn, readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { pinDumpSession } from './dump-session.ts';
import { quoteIdentifier } from './identifiers.ts';
import { RowChecksum, type TableChecksum } from './row-checksum.ts';
import { readServerInfo } from './server-info.ts';

/** How one table is read for its checksum: exactly the values that a dump of it would read. */
export interface ChecksumPlan {
	readonly table: string;
	readonly select: string;
}

/**
 * Plans the checksums of all tables of the connection's database, in the order of their names, and pins
 * the session to what a dump reads under. A table that a dump would refuse rejects with
 * `sql_object_unsupported`.
 */
export async function planTableChecksums(
	connection: SqlConnection,
): Promise<readonly ChecksumPlan[]> {
	await pinDumpSession(connection, await readServerInfo(connection));
	const catalog = await readCatalog(connection);
	const columns = await readColumns(connection, catalog.database);
	return catalog.tables.map(({ name }) => {
		const expressions = (columns.get(name) ?? [])
			.filter(({ generated }) => !generated)
			.map((column) => planColumn(column).expression);
		const list = expressions.length === 0 ? '1' : expressions.join(', ');
		return { table: name, select: `SELECT ${list} FROM ${quoteIdentifier(name)}` };
	});
}

/** Reads a whole table; compare with the `checksum` of the dump's summary. */
export async function readTableChecksum(
	connection: SqlConnection,
	{ select }: ChecksumPlan,
): Promise<TableChecksum> {
	const checksum = new RowChecksum();
	await connection.stream(select, (buffer, start, end) => checksum.row(buffer, start, end));
	return checksum.result();
}
