import { type ByteSink, type EngineError, toEngineError } from '../core/index.ts';
import { type Catalog, inDatabase } from './catalog.ts';
import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { FileRowLines } from './file-row-lines.ts';
import { quoteIdentifier } from './identifiers.ts';

const TABLE = 'files';
/** What a CaosDB database has beside it. */
const ENTITIES = 'entities';
const COLUMNS = ['file_id', 'path', 'size', 'hash'] as const;

/** Whether a catalog is that of a CaosDB server, so that it may have rows about files. */
export function mayHaveFileRows({ tables }: Catalog, structureOnly: ReadonlySet<string>): boolean {
	const names = tables.map(({ name }) => name);
	return names.includes(TABLE) && names.includes(ENTITIES) && !structureOnly.has(TABLE);
}

/** Whether the table of files is the one that CaosDB makes. */
export async function hasFileRows(connection: SqlConnection, database: string): Promise<boolean> {
	const { rows } = await connection.rows(
		`SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE ${inDatabase('TABLE_SCHEMA', database)} AND TABLE_NAME = '${TABLE}'`,
	);
	const names = rows.map((row) => text(row[0]));
	return COLUMNS.every((column) => names.includes(column));
}

/**
 * What CaosDB's table says of every file, in the order in which a walk through the file root meets the
 * paths: parents before what they contain, names by their bytes. So both are compared as they are read.
 */
function selectRows(): string {
	const [id, path, size, hash] = COLUMNS.map(quoteIdentifier);
	const plain = `CONVERT(TRIM(LEADING '/' FROM ${path}) USING utf8mb4)`;
	const order = `REPLACE(CAST(${plain} AS BINARY), '/', X'00')`;
	return `SELECT ${id}, ${plain}, ${size}, LOWER(HEX(${hash})) FROM ${quoteIdentifier(TABLE)} ORDER BY ${order}, ${id}`;
}

/**
 * Writes the rows about files to `sink`, as docs/format.md says. The connection must be inside the
 * dump's snapshot and idle. Rejects as reading a table does, and with what the sink rejects with.
 */
export async function writeFileRows(
	connection: SqlConnection,
	at: string,
	sink: ByteSink,
): Promise<void> {
	let failure: EngineError | undefined;
	let written = Promise.resolve();
	let underWay = 0;
	const lines = new FileRowLines(at, (bytes) => {
		// The network waits for the file.
		if (underWay++ === 0) connection.pause();
		written = written
			.then(async () => await sink.write(bytes))
			.then(
				() => {
					if (--underWay === 0) connection.resume();
				},
				(error: unknown) => {
					failure ??= toEngineError(error);
					connection.breakWith(failure);
				},
			);
	});
	try {
		await connection.stream(selectRows(), lines);
	} catch (error) {
		throw failure ?? error;
	}
	lines.end();
	await written;
	if (failure !== undefined) throw failure;
}
