import { EngineError, throwIfAborted } from '../core/index.ts';
import { type Catalog, inDatabase } from './catalog.ts';
import { optionalText, text } from './cells.ts';
import { type ColumnInfo, planColumn, readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import type { DumpContent } from './dump-content.ts';
import { checkTable, wantsHistory } from './dump-plan.ts';
import { quoteIdentifier } from './identifiers.ts';
import type { InspectedEngine, InspectedTable, LargestStatement } from './inspection.ts';
import type { ContentSelection } from './select-content.ts';
import type { ServerInfo } from './server-info.ts';

/** How long one table may be searched for its largest row, and all of them together. */
const SEARCH_S = 5;
const SEARCH_ALL_MS = 20_000;
/** The largest a row of small columns can become as text: 64 kB of binary as hex. */
const SMALL_ROW_BYTES = 131_072;
const LARGE_TEXTS = ['mediumtext', 'longtext', 'json'];
const LARGE_BINARIES = ['mediumblob', 'longblob'];

export interface TableFindings {
	readonly tables: readonly InspectedTable[];
	readonly problems: readonly string[];
	readonly warnings: readonly string[];
}

/** Sizes of the selected tables, and what would keep them from being dumped. */
export async function inspectTables(
	connection: SqlConnection,
	{ catalog, structureOnly }: ContentSelection,
	{ server, content }: { readonly server: ServerInfo; readonly content: DumpContent },
): Promise<TableFindings> {
	// MySQL shows figures that are up to a day old unless it is told not to.
	if (server.vendor === 'mysql' && server.major >= 8) {
		await connection.exec('SET information_schema_stats_expiry=0');
	}
	const sizes = await readSizes(connection, catalog.database);
	const columns = await readColumns(connection, catalog.database);
	const problems: string[] = [];
	const warnings: string[] = [];
	const tables = catalog.tables.map((table): InspectedTable => {
		const { name, engine } = table;
		const isStructureOnly = structureOnly.has(name);
		const found = columns.get(name) ?? [];
		collect(problems, () => checkTable(table));
		if (!isStructureOnly) {
			wantsHistory(table, found, { server, content, warnings });
			if (!table.transactional) {
				warnings.push(
					`Table ${name} (${engine}) knows no transactions: it is locked while it is read, so others cannot write to it meanwhile.`,
				);
			}
		}
		for (const column of found) {
			if (!column.generated) collect(problems, () => planColumn(column));
		}
		const size = sizes.get(name) ?? { rows: 0, bytes: 0, indexBytes: 0 };
		return { name, engine, ...size, structureOnly: isStructureOnly };
	});
	return { tables, problems, warnings };
}

/** Keeps the sentence of an object that cannot be dumped, and goes on with the next. */
function collect(problems: string[], check: () => unknown): void {
	try {
		check();
	} catch (error) {
		if (!(error instanceof EngineError) || error.code !== 'sql_object_unsupported') throw error;
		problems.push(`${error.message}. ${error.remedy ?? ''}`.trim());
	}
}

type Size = Pick<InspectedTable, 'rows' | 'bytes' | 'indexBytes'>;

async function readSizes(
	connection: SqlConnection,
	database: string,
): Promise<ReadonlyMap<string, Size>> {
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH FROM information_schema.TABLES WHERE ${inDatabase('TABLE_SCHEMA', database)}`,
	);
	const figure = (cell: Buffer | null | undefined) => Number(optionalText(cell) ?? 0);
	return new Map(
		rows.map((row) => [
			text(row[0]),
			{ rows: figure(row[1]), bytes: figure(row[2]), indexBytes: figure(row[3]) },
		]),
	);
}

/** The engines by name, with what their tables hold. */
export function enginesOf(tables: readonly InspectedTable[]): readonly InspectedEngine[] {
	const engines = new Map<string, { engine: string; tables: number; bytes: number }>();
	for (const { engine, bytes } of tables) {
		const sum = engines.get(engine) ?? { engine, tables: 0, bytes: 0 };
		engines.set(engine, { engine, tables: sum.tables + 1, bytes: sum.bytes + bytes });
	}
	return [...engines.values()].sort((a, b) => (a.engine < b.engine ? -1 : 1));
}

/**
 * The size of the largest statement of a dump: that of an INSERT of many rows, or of the largest row
 * where columns can hold more than that. Only such columns are searched, with a time limit per table.
 */
export async function largestStatement(
	connection: SqlConnection,
	selection: ContentSelection,
	scene: {
		readonly server: ServerInfo;
		readonly statementBytes: number;
		readonly signal: AbortSignal;
	},
): Promise<LargestStatement> {
	const { server, signal } = scene;
	const columns = await readColumns(connection, selection.catalog.database);
	const deadline = Date.now() + SEARCH_ALL_MS;
	let bytes = scene.statementBytes;
	let complete = true;
	for (const { name } of withRows(selection)) {
		throwIfAborted(signal);
		const size = rowSize(columns.get(name) ?? []);
		if (size === undefined) continue;
		const largest =
			Date.now() < deadline ? await largestRow(connection, name, size, server) : undefined;
		if (largest === undefined) complete = false;
		else bytes = Math.max(bytes, largest + SMALL_ROW_BYTES);
	}
	return { bytes, maxAllowedPacket: server.maxAllowedPacket, complete };
}

function withRows({ catalog, structureOnly }: ContentSelection): Catalog['tables'] {
	return catalog.tables.filter(({ name }) => !structureOnly.has(name));
}

/** What a row's large columns need as text; `undefined` when it has none. */
function rowSize(columns: readonly ColumnInfo[]): string | undefined {
	const parts = columns.flatMap(({ name, dataType, generated }) => {
		if (generated) return [];
		const length = `COALESCE(OCTET_LENGTH(${quoteIdentifier(name)}), 0)`;
		if (LARGE_TEXTS.includes(dataType)) return [length];
		return LARGE_BINARIES.includes(dataType) ? [`2 * ${length}`] : [];
	});
	return parts.length === 0 ? undefined : parts.join(' + ');
}

/** `undefined` when the time was up, or the table cannot be read. */
async function largestRow(
	connection: SqlConnection,
	table: string,
	size: string,
	{ vendor }: ServerInfo,
): Promise<number | undefined> {
	const from = `FROM ${quoteIdentifier(table)}`;
	const sql =
		vendor === 'mariadb'
			? `SET STATEMENT max_statement_time=${SEARCH_S} FOR SELECT MAX(${size}) ${from}`
			: `SELECT /*+ MAX_EXECUTION_TIME(${SEARCH_S * 1_000}) */ MAX(${size}) ${from}`;
	try {
		const { rows } = await connection.rows(sql);
		return Number(optionalText(rows[0]?.[0]) ?? 0);
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		return undefined;
	}
}
