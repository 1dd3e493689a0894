import { integer, optionalText, text } from './cells.ts';
import type { Catalog } from './catalog.ts';
import type { SqlConnection } from './connection.ts';
import type { DumpSnapshot } from './dump-summary.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import type { ServerInfo } from './server-info.ts';

/**
 * Starts the transaction in which everything is read. Needs a session pinned to REPEATABLE READ: under
 * READ COMMITTED there is no snapshot, on MariaDB without a word.
 */
export async function startSnapshot(
	connection: SqlConnection,
	server: ServerInfo,
): Promise<DumpSnapshot> {
	await connection.exec('START TRANSACTION WITH CONSISTENT SNAPSHOT');
	const { rows } = await connection.rows("SELECT DATE_FORMAT(NOW(6), '%Y-%m-%dT%H:%i:%s.%fZ')");
	const at = new Date(text(rows[0]?.[0])).toISOString();
	const binaryLog = server.vendor === 'mariadb' ? await readBinaryLog(connection) : null;
	const gtid = binaryLog === null ? null : await readGtid(connection, binaryLog);
	return { method: 'single-connection', at, binaryLog, gtid };
}

/** MariaDB keeps the position that belongs to the snapshot, and shows it to every account. */
async function readBinaryLog(connection: SqlConnection): Promise<DumpSnapshot['binaryLog']> {
	const { rows } = await connection.rows("SHOW STATUS LIKE 'binlog_snapshot%'");
	const values = new Map(rows.map((row) => [text(row[0]).toLowerCase(), row[1]]));
	const file = optionalText(values.get('binlog_snapshot_file'));
	if (file === null || file === '') return null;
	return { file, position: integer(values.get('binlog_snapshot_position')) };
}

async function readGtid(
	connection: SqlConnection,
	log: NonNullable<DumpSnapshot['binaryLog']>,
): Promise<string | null> {
	const { rows } = await connection.rows(
		`SELECT BINLOG_GTID_POS(${quoteText(log.file)}, ${log.position})`,
	);
	return optionalText(rows[0]?.[0]) || null;
}

/**
 * Reads nothing from every table and view, so that the transaction holds their metadata locks: ALTER,
 * DROP, RENAME and TRUNCATE by others now wait for the end of the dump instead of changing what is
 * read. A view that does not work is found here.
 */
export async function holdDefinitions(connection: SqlConnection, catalog: Catalog): Promise<void> {
	const names = [...catalog.tables, ...catalog.views].map(({ name }) => name);
	for (const name of [...names, ...catalog.sequences]) {
		await connection.rows(`SELECT 1 FROM ${quoteIdentifier(name)} LIMIT 0`);
	}
}
