import { EngineError } from '../core/index.ts';
import type { CatalogTable } from './catalog.ts';
import { text } from './cells.ts';
import { type ColumnInfo, readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { withoutSequenceDatabase } from './ddl-edits.ts';
import { readTableDefinition } from './definitions.ts';
import type { ResolvedDumpOptions } from './dump-options.ts';
import type { DumpSelection } from './dump-selection.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type IndexInfo, type TableParts, partTable, readIndexes } from './index-ranges.ts';
import { MARKER_TABLE } from './marker.ts';
import { type ProgramPlan, ProgramReader, type ViewPlan } from './program-plan.ts';
import type { ServerInfo } from './server-info.ts';
import {
	type ReadChoice,
	type TablePart,
	type TablePlan,
	demandSupported,
	historyColumns,
	tableReads,
} from './table-plan.ts';

/** Everything a dump writes except the rows, read and checked before its first byte. */
export interface DumpPlan extends ProgramPlan {
	readonly sequences: readonly SequencePlan[];
	/** Those that only a lock holds still come first: they are read first. */
	readonly tables: readonly TablePlan[];
	/** Ordered so that a view comes after those it reads. */
	readonly views: readonly ViewPlan[];
	readonly warnings: readonly string[];
}

export interface SequencePlan {
	readonly name: string;
	readonly definition: Buffer;
	/** The state of a sequence is its one row; MariaDB takes it back by INSERT. */
	readonly values: string;
}

/** Former rows can be loaded by this release and later ones. */
const HISTORY_SINCE = [10, 11] as const;

/** Reads and checks all definitions; whatever cannot be dumped is an error here. */
export async function planDump(
	connection: SqlConnection,
	selection: DumpSelection,
	server: ServerInfo,
	options: ResolvedDumpOptions,
): Promise<DumpPlan> {
	const { catalog } = selection;
	const columns = await readColumns(connection, catalog.database);
	const indexes = await readIndexes(connection, catalog.database, server);
	const warnings: string[] = [];
	const tables: TablePlan[] = [];
	const parts = await partTables(connection, selection, indexes);
	const looseFirst = [...catalog.tables].sort(
		(a, b) => Number(a.transactional) - Number(b.transactional),
	);
	for (const table of looseFirst) {
		checkTable(table);
		const found = columns.get(table.name) ?? [];
		const history = wantsHistory(table, found, { server, options, warnings });
		const choice = { table, columns: found, indexes: indexes.get(table.name) ?? [], history };
		const definition = await readTableDefinition(connection, 'TABLE', table.name);
		tables.push({
			...planTable(choice, parts.get(table.name)),
			definition: withoutSequenceDatabase(definition, catalog.database),
		});
	}
	const sequences: SequencePlan[] = [];
	for (const name of catalog.sequences) sequences.push(await planSequence(connection, name));
	const reader = new ProgramReader(connection, server, options.definers);
	const views = await reader.views(catalog, columns, selection.skippedTables);
	const programs = await reader.programs(catalog);
	return { sequences, tables, views, ...programs, warnings: [...warnings, ...reader.warnings] };
}

function checkTable(table: CatalogTable): void {
	if (table.name === MARKER_TABLE) {
		throw new EngineError(
			'sql_object_unsupported',
			'This database is the remains of a restore that was interrupted',
			{
				remedy: 'Restore it again; a backup of a half restored database is worth nothing.',
				details: { table: table.name },
			},
		);
	}
	demandSupported(table);
}

function wantsHistory(
	{ name, versioned }: CatalogTable,
	columns: readonly ColumnInfo[],
	{
		server,
		options,
		warnings,
	}: {
		readonly server: ServerInfo;
		readonly options: ResolvedDumpOptions;
		readonly warnings: string[];
	},
): boolean {
	if (!versioned) return false;
	const { major, minor } = server;
	const [oldestMajor, oldestMinor] = HISTORY_SINCE;
	const able = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
	if (options.history && able && historyColumns(columns) !== undefined) return true;
	const why = options.history ? ', because it cannot be loaded again' : '';
	warnings.push(
		`Table ${name} is system-versioned: its current rows are in the dump, its history is not${why}.`,
	);
	return false;
}

/** `parts`: absent when only the structure is wanted. */
function planTable(
	choice: ReadChoice,
	parts: TableParts | undefined,
): Omit<TablePlan, 'definition'> {
	const { name, engine, transactional } = choice.table;
	const reads = parts === undefined ? [] : tableReads(choice, parts);
	return {
		...{ name, engine, transactional },
		parts: reads.map((read, index): TablePart => ({ ...read, table: name, isFirst: index === 0 })),
	};
}

async function partTables(
	connection: SqlConnection,
	{ catalog, structureOnly }: DumpSelection,
	indexes: ReadonlyMap<string, readonly IndexInfo[]>,
): Promise<ReadonlyMap<string, TableParts>> {
	const parts = new Map<string, TableParts>();
	// MariaDB 11.8 answers EXPLAIN in a collation that the driver does not know, unless it converts.
	await connection.exec('SET character_set_results=utf8mb4');
	for (const { name, engine, versioned, averageRowBytes } of catalog.tables) {
		if (structureOnly.has(name)) continue;
		const known = engine.toLowerCase() === 'innodb' && !versioned;
		const found = known ? (indexes.get(name) ?? []) : [];
		parts.set(name, await partTable(connection, name, found, averageRowBytes));
	}
	await connection.exec('SET character_set_results=NULL');
	return parts;
}

async function planSequence(connection: SqlConnection, name: string): Promise<SequencePlan> {
	const definition = await readTableDefinition(connection, 'SEQUENCE', name);
	const { rows } = await connection.rows(`SELECT * FROM ${quoteIdentifier(name)}`);
	return { name, definition, values: (rows[0] ?? []).map(text).join(', ') };
}
