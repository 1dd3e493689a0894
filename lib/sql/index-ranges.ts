import { inDatabase } from './catalog.ts';
import { integer, optionalText, text } from './cells.ts';
import type { ColumnInfo } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type ServerInfo, atLeast } from './server-info.ts';

/*
 * Parts of a table that can be read at the same time: ranges of an integer column with an index. They
 * depend on the content of the index alone (the server looks into it for each estimate), so that a dump
 * does not depend on the number of connections. 31 of CaosDB's 50 tables have no primary key, but
 * nearly all of these an index that begins with an integer.
 */

/** An index as far as parting a table needs it. */
export interface IndexInfo {
	readonly name: string;
	readonly columns: readonly string[];
	/** The first column is an integer. */
	readonly byInteger: boolean;
	/** The first column may be NULL. */
	readonly nullable: boolean;
}

/** Text of a part each, small enough that several connections keep each other busy. */
const PART_BYTES = 8 * 1024 * 1024;
const MIN_PART_ROWS = 256;
const MAX_PART_ROWS = 65_536;
/** So many looks into one index at most. */
const MAX_ESTIMATES = 4_096;
/**
 * For a range of more than half of an index the server says what it remembers of the table, which drifts.
 * Nothing that is near a limit is decided by such an estimate.
 */
const SURE_DEPTH = 3;
const SURELY_SMALL = 1 / 4;
/** Indexes that are tried when the first one has a value that most rows share. */
const MAX_CANDIDATES = 3;

const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];

/** Usable indexes of all tables, the primary key first. */
export async function readIndexes(
	connection: SqlConnection,
	database: string,
	server: ServerInfo,
	columns: ReadonlyMap<string, readonly ColumnInfo[]>,
): Promise<ReadonlyMap<string, readonly IndexInfo[]>> {
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
		WHERE ${inDatabase('TABLE_SCHEMA', database)} AND INDEX_TYPE = 'BTREE'${usable(server)}
		ORDER BY TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`,
	);
	const tables = new Map<string, Map<string, IndexInfo>>();
	for (const row of rows) {
		const [table, name] = [text(row[0]), text(row[1])];
		const indexes = tables.get(table) ?? new Map<string, IndexInfo>();
		tables.set(table, indexes);
		// An index on an expression has no column.
		const column = optionalText(row[2]);
		const info = columns.get(table)?.find((known) => known.name === column);
		const whole = optionalText(row[3]) === null;
		const byInteger = whole && INTEGERS.includes(info?.dataType ?? '');
		const nullable = info?.nullable ?? true;
		const index = indexes.get(name) ?? { name, columns: [], byInteger, nullable };
		indexes.set(name, { ...index, columns: [...index.columns, column ?? ''] });
	}
	return new Map([...tables].map(([table, indexes]) => [table, [...indexes.values()]]));
}

/** An index that the optimiser is to ignore cannot be asked for either. */
function usable(server: ServerInfo): string {
	if (atLeast(server, 'mariadb', 10, 6)) return " AND IGNORED = 'NO'";
	return atLeast(server, 'mysql', 8) ? " AND IS_VISIBLE = 'YES'" : '';
}

/** Conditions on a table's rows, each row meeting exactly one; a single empty one for the whole table. */
export interface TableParts {
	readonly index: IndexInfo | undefined;
	readonly conditions: readonly string[];
}

export const WHOLE_TABLE: TableParts = { index: undefined, conditions: [''] };

export interface PartChoice {
	readonly averageRowBytes: number;
	/** Rows of the smallest table that is parted by another index than its primary key. */
	readonly indexRangesFrom: number;
}

/** Looks into the indexes of one table for ranges of about equal size. */
export async function partTable(
	connection: SqlConnection,
	table: string,
	indexes: readonly IndexInfo[],
	{ averageRowBytes, indexRangesFrom }: PartChoice,
): Promise<TableParts> {
	const [first] = indexes;
	// Rows are read in the order of the primary key, so only that may part them.
	const candidates = first?.name === 'PRIMARY' ? [first] : indexes;
	const rows = partRows(averageRowBytes);
	let best: (TableParts & { readonly largest: number }) | undefined;
	for (const index of candidates.filter(({ byInteger }) => byInteger).slice(0, MAX_CANDIDATES)) {
		const fewest = index.name === 'PRIMARY' ? 0 : indexRangesFrom;
		const found = await rangesOf(connection, table, index, { rows, fewest });
		if (found === undefined) return WHOLE_TABLE;
		if (best === undefined || found.largest < best.largest) best = found;
		if (found.largest <= 2 * rows) break;
	}
	return best ?? WHOLE_TABLE;
}

/** A power of two, so that the server's drifting average hardly ever changes it. */
function partRows(averageRowBytes: number): number {
	const wanted = PART_BYTES / Math.max(averageRowBytes, 1);
	return Math.min(Math.max(2 ** Math.round(Math.log2(wanted)), MIN_PART_ROWS), MAX_PART_ROWS);
}

interface Range {
	readonly from: bigint;
	readonly to: bigint;
	readonly rows: number;
}

/** `undefined` for an empty index or one that is read at once. */
async function rangesOf(
	connection: SqlConnection,
	table: string,
	index: IndexInfo,
	{ rows: partRowCount, fewest }: { readonly rows: number; readonly fewest: number },
): Promise<(TableParts & { readonly largest: number }) | undefined> {
	const column = quoteIdentifier(index.columns[0] ?? '');
	const source = `${quoteIdentifier(table)} FORCE INDEX (${quoteIdentifier(index.name)})`;
	const { rows } = await connection.rows(`SELECT MIN(${column}), MAX(${column}) FROM ${source}`);
	const [lowest, highest] = (rows[0] ?? []).map(optionalText);
	if (lowest === null || lowest === undefined || highest === null || highest === undefined) {
		return undefined;
	}
	const estimate = async (from: bigint, to: bigint): Promise<Range> => {
		const plan = await connection.rows(
			`EXPLAIN SELECT 1 FROM ${source} WHERE ${column} BETWEEN ${from} AND ${to}`,
		);
		const at = plan.names.findIndex((name) => name.toLowerCase() === 'rows');
		const cell = plan.rows[0]?.[at];
		return { from, to, rows: cell === null || cell === undefined ? 0 : integer(cell) };
	};
	const whole = await estimate(BigInt(lowest), BigInt(highest));
	if (whole.rows <= partRowCount * SURELY_SMALL) return undefined;
	const found = await halved(whole, partRowCount, estimate);
	const total = found.reduce((sum, range) => sum + range.rows, 0);
	if (total <= Math.max(partRowCount, fewest)) return undefined;
	const ranges = joined(found, partRowCount);
	return {
		index,
		conditions: conditionsOf(column, ranges, index.nullable),
		largest: Math.max(...ranges.map((range) => range.rows)),
	};
}

/** Halves ranges until each is small, in their order. */
async function halved(
	whole: Range,
	partRowCount: number,
	estimate: (from: bigint, to: bigint) => Promise<Range>,
): Promise<Range[]> {
	const done: Range[] = [];
	const open = [{ range: whole, depth: 0 }];
	let estimates = 0;
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		const { range, depth } = next;
		const { from, to, rows } = range;
		const small = rows <= partRowCount * (depth < SURE_DEPTH ? SURELY_SMALL : 1);
		if (small || from === to || estimates >= MAX_ESTIMATES) {
			done.push(range);
			continue;
		}
		// BigInt divides towards zero; any middle will do as long as both halves are real.
		const middle = from + (to - from) / 2n;
		open.push({ range: await estimate(middle + 1n, to), depth: depth + 1 });
		open.push({ range: await estimate(from, middle), depth: depth + 1 });
		estimates += 2;
	}
	return done;
}

/** Neighbours that are small together become one. */
function joined(ranges: readonly Range[], partRowCount: number): Range[] {
	const result: Range[] = [];
	for (const range of ranges) {
		const last = result.at(-1);
		if (last !== undefined && last.rows + range.rows <= partRowCount) {
			result.splice(-1, 1, { from: last.from, to: range.to, rows: last.rows + range.rows });
		} else result.push(range);
	}
	return result;
}

/** The outer ranges are open: nothing depends on the lowest and highest value that were seen. */
function conditionsOf(column: string, ranges: readonly Range[], nullable: boolean): string[] {
	const conditions = ranges.map(({ from, to }, index) => {
		const low = index === 0 ? [] : [`${column} >= ${from}`];
		const high = index === ranges.length - 1 ? [] : [`${column} <= ${to}`];
		const both = [...low, ...high];
		return both.length === 0 ? `${column} IS NOT NULL` : both.join(' AND ');
	});
	return nullable ? [`${column} IS NULL`, ...conditions] : conditions;
}
