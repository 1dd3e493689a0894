import { inDatabase } from './catalog.ts';
import { optionalText, text } from './cells.ts';
import type { LoadLane } from './load-lanes.ts';

/*
 * Which tables take their rows as lines of LOAD DATA. Lines hold bytes as they are stored, which is what
 * the literals of our dumps mean for these types. JSON, UUID and INET refuse bytes without a character
 * set; bits, geometries and vectors are left to INSERT, whose rules for them are simpler.
 */
const TYPES = new Set([
	...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double'],
	...['date', 'datetime', 'timestamp', 'time', 'year'],
	...['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'set', 'enum'],
	...['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'],
]);

/** Columns of a table that take lines; `undefined` when the table does not: it has no transactions, or keeps history. */
export async function readLineColumns(
	lane: LoadLane,
	database: string,
	table: string,
): Promise<ReadonlySet<string> | undefined> {
	const here = (what: string) =>
		`FROM information_schema.${what} WHERE ${inDatabase('TABLE_SCHEMA', database)} AND ${inDatabase('TABLE_NAME', table)}`;
	const kind = await lane.rows(`SELECT ENGINE, TABLE_TYPE ${here('TABLES')}`);
	const [engine, type] = kind.rows[0] ?? [];
	if (kind.rows.length !== 1 || text(engine).toLowerCase() !== 'innodb') return undefined;
	if (text(type) !== 'BASE TABLE') return undefined;
	const { rows } = await lane.rows(
		`SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, GENERATION_EXPRESSION ${here('COLUMNS')}`,
	);
	const columns = new Set<string>();
	for (const row of rows) {
		const [name, dataType, columnType] = [text(row[0]), text(row[1]), text(row[2])];
		// A member '' and the value 0 read the same, so the dump has their numbers.
		const numbered = dataType === 'enum' && columnType.includes("''");
		const generated = (optionalText(row[3]) ?? '') !== '';
		if (TYPES.has(dataType.toLowerCase()) && !numbered && !generated) columns.add(name);
	}
	return columns;
}
