import { insertHead, loadStatement } from './insert-head.ts';
import { readLineColumns } from './line-tables.ts';
import type { LoadLane } from './load-lanes.ts';
import { rowsAsLines } from './row-lines.ts';

/** Fewer rows are not worth the question which types they have. */
const WORTH_BYTES = 32 * 1024;

/** Sends the rows of our own dumps by LOAD DATA, which costs the server a fraction of an INSERT. */
export class LineLoader {
	readonly #database: string;
	/** Columns that take lines; none of a table that was found not to. */
	readonly #columns = new Map<string, ReadonlySet<string>>();

	constructor(database: string) {
		this.#database = database;
	}

	/** False: nothing was sent, or nothing is left of it; the rows must go by INSERT. */
	async load(
		lane: LoadLane,
		rows: { readonly table: string; readonly sql: Buffer; readonly rows: number },
	): Promise<boolean> {
		const { table, sql } = rows;
		if (sql.length < WORTH_BYTES) return false;
		const head = insertHead(sql);
		if (head === undefined || head.names.length === 0) return false;
		const known = await this.#columnsOf(lane, table);
		if (!head.names.every((name) => known.has(name))) return false;
		const lines = rowsAsLines(sql, head.rowsAt);
		if (lines === undefined) return false;
		if (await lane.load(loadStatement(table, head), lines, rows.rows)) return true;
		this.#columns.set(table, new Set());
		return false;
	}

	async #columnsOf(lane: LoadLane, table: string): Promise<ReadonlySet<string>> {
		const known = this.#columns.get(table);
		if (known !== undefined) return known;
		const columns = (await readLineColumns(lane, this.#database, table)) ?? new Set();
		this.#columns.set(table, columns);
		return columns;
	}
}
