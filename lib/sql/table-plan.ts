import { EngineError } from '../core/index.ts';
import type { CatalogTable } from './catalog.ts';
import { type ColumnInfo, type ColumnPlan, planColumn } from './column-plan.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type IndexInfo, type TableParts, WHOLE_TABLE } from './index-ranges.ts';

/** How one table is read and written. */
export interface TablePlan {
	readonly name: string;
	readonly engine: string;
	readonly transactional: boolean;
	readonly definition: Buffer;
	/** In the order of the file; none when only the structure is dumped. */
	readonly parts: readonly TablePart[];
}

/** How some rows of a table are read by one statement. */
export interface TableRead {
	readonly columns: readonly ColumnPlan[];
	readonly select: string;
	/** Whether the rows tell their time: of system-versioned tables whose former rows are dumped. */
	readonly isTimed: boolean;
}

export interface TablePart extends TableRead {
	/** Its name. */
	readonly table: string;
	readonly isFirst: boolean;
}

export interface ReadChoice {
	readonly table: CatalogTable;
	readonly columns: readonly ColumnInfo[];
	readonly indexes: readonly IndexInfo[];
	/** Former rows too; only for a table that `historyColumns` finds fit. */
	readonly history: boolean;
}

interface HistoryColumns {
	readonly start: ColumnPlan;
	readonly end: ColumnPlan;
}

/**
 * The names under which a system-versioned table keeps the time of its rows: pseudo columns, or columns
 * of its own. `undefined` where it keeps numbers of transactions, which mean nothing elsewhere.
 */
export function historyColumns(columns: readonly ColumnInfo[]): HistoryColumns | undefined {
	const own = (side: string) => columns.find(({ generation }) => generation === `ROW ${side}`);
	const [start, end] = [own('START'), own('END')];
	if (start === undefined || end === undefined) {
		return { start: pseudoColumn('row_start'), end: pseudoColumn('row_end') };
	}
	if (start.dataType !== 'timestamp') return undefined;
	return { start: planColumn(start), end: planColumn(end) };
}

function pseudoColumn(name: string): ColumnPlan {
	const like = {
		table: '',
		columnType: 'timestamp(6)',
		characterSet: null,
		collation: null,
		scale: null,
	};
	return planColumn({
		...like,
		name,
		dataType: 'timestamp',
		generated: false,
		generation: '',
		nullable: false,
	});
}

/**
 * The statements that read a table, the current rows first. (Their time has no end yet: what a server
 * writes for that differs between releases, so it is left to the server that loads them.)
 */
export function tableReads(choice: ReadChoice, parts: TableParts = WHOLE_TABLE): TableRead[] {
	const { table, columns, indexes, history } = choice;
	const plain = columns.filter(({ generated }) => !generated).map(planColumn);
	const times = history ? historyColumns(columns) : undefined;
	const current = times === undefined ? plain : [...plain, times.start];
	const source = quoteIdentifier(table.name);
	const order = orderOf(table, indexes);
	const hint = parts.index === undefined ? order.hint : forceIndex(parts.index);
	const reads = parts.conditions.map((condition) => {
		const where = condition === '' ? '' : ` WHERE ${condition}`;
		const select = `SELECT ${listOf(current)} FROM ${source}${hint}${where}${order.by}`;
		return { columns: current, select, isTimed: times !== undefined };
	});
	if (times === undefined) return reads;
	const all = [...plain, times.start, times.end];
	const past = `${times.end.expression} <= NOW(6)`;
	const select = `SELECT ${listOf(all)} FROM ${source} FOR SYSTEM_TIME ALL WHERE ${past}`;
	return [...reads, { columns: all, select, isTimed: true }];
}

function listOf(columns: readonly ColumnPlan[]): string {
	return columns.length === 0 ? '1' : columns.map(({ expression }) => expression).join(', ');
}

function forceIndex({ name }: IndexInfo): string {
	return ` FORCE INDEX (${quoteIdentifier(name)})`;
}

/** The order of the primary key makes equal dumps of equal data, and the fastest load. */
function orderOf(
	table: CatalogTable,
	indexes: readonly IndexInfo[],
): { readonly hint: string; readonly by: string } {
	const [first] = indexes;
	if (table.engine.toLowerCase() !== 'innodb') return { hint: '', by: '' };
	// No index: the order of the rows themselves, whatever the server thinks of its indexes.
	if (first?.name !== 'PRIMARY') return { hint: ' USE INDEX ()', by: '' };
	const by = ` ORDER BY ${first.columns.map(quoteIdentifier).join(', ')}`;
	return { hint: forceIndex(first), by };
}

/** Engines that hold rows which a lock holds still. */
const LOCKED_ENGINES = ['myisam', 'aria', 'memory', 'archive', 'csv', 'blackhole'];

/** Throws `sql_object_unsupported` for a table that cannot be dumped. */
export function demandSupported({ name, engine, transactional }: CatalogTable): void {
	if (transactional || LOCKED_ENGINES.includes(engine.toLowerCase())) return;
	const details = { table: name, engine };
	if (engine === '') {
		throw new EngineError('sql_object_unsupported', `The server cannot open table ${name}`, {
			remedy: 'Repair or drop the table.',
			details,
		});
	}
	throw new EngineError(
		'sql_object_unsupported',
		`Table ${name} uses the storage engine ${engine}, which cannot be dumped`,
		{ remedy: 'Convert the table to InnoDB, or skip it.', details },
	);
}
