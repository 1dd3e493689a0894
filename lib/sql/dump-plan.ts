import { EngineError } from '../core/index.ts';
import type { Catalog, CatalogTable } from './catalog.ts';
import { text } from './cells.ts';
import { type ColumnInfo, readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { withoutSequenceDatabase } from './ddl-edits.ts';
import { readTableDefinition } from './definitions.ts';
import { type DumpContent, type DumpDefiners, definerAccount } from './dump-content.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type IndexInfo, type TableParts, partTable, readIndexes } from './index-ranges.ts';
import { type LeftOut, isWhole, leftOutPhrases } from './left-out.ts';
import { MARKER_TABLE } from './marker.ts';
import { type PlannedViews, type ViewPlan, planViews } from './plan-views.ts';
import { type ProgramPlan, ProgramReader } from './program-plan.ts';
import { type ContentSelection, danglingReferences } from './select-content.ts';
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
	/** Accounts (`user@host`) that will own views, routines, triggers and events. */
	readonly definers: readonly string[];
	readonly leftOut: LeftOut;
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
	selection: ContentSelection,
	server: ServerInfo,
	content: DumpContent,
): Promise<DumpPlan> {
	const { catalog } = selection;
	const columns = await readColumns(connection, catalog.database);
	const indexes = await readIndexes(connection, catalog.database, server, columns);
	const warnings = [...selection.warnings, ...(await danglingReferences(connection, selection))];
	const tables: TablePlan[] = [];
	const parts = await partTables(connection, selection, indexes, content);
	const looseFirst = [...catalog.tables].sort(
		(a, b) => Number(a.transactional) - Number(b.transactional),
	);
	for (const table of looseFirst) {
		checkTable(table);
		const found = columns.get(table.name) ?? [];
		const history = wantsHistory(table, found, { server, content, warnings });
		const choice = { table, columns: found, indexes: indexes.get(table.name) ?? [], history };
		const definition = await readTableDefinition(connection, 'TABLE', table.name);
		tables.push({
			...planTable(choice, parts.get(table.name)),
			definition: withoutSequenceDatabase(definition, catalog.database),
		});
	}
	const sequences: SequencePlan[] = [];
	for (const name of catalog.sequences) sequences.push(await planSequence(connection, name));
	const views = await planViews(connection, selection, columns, content.definers);
	const reader = new ProgramReader(connection, server, content.definers);
	const programs = await reader.programs(catalog);
	warnings.push(...reader.warnings);
	const leftOut = leftOutWith(selection.leftOut, views, warnings);
	return {
		...{ sequences, tables, views: views.views, ...programs },
		definers: definersOf(catalog, views, content.definers),
		...{ leftOut, warnings },
	};
}

/** What the user left out and what falls out with it, told in the warnings. */
function leftOutWith(leftOut: LeftOut, { dropped }: PlannedViews, warnings: string[]): LeftOut {
	for (const [view, reads] of dropped) {
		warnings.push(`View ${view} is left out, because it reads ${reads}, which is left out.`);
	}
	const all = { ...leftOut, views: [...leftOut.views, ...dropped.keys()].sort() };
	if (!isWhole(all)) {
		warnings.push(`Left out of the dump as asked: ${leftOutPhrases(all).join('; ')}.`);
	}
	return all;
}

function definersOf(
	catalog: Catalog,
	{ dropped }: PlannedViews,
	definers: DumpDefiners,
): readonly string[] {
	const { routines, packages, triggers, events } = catalog;
	const views = catalog.views.filter(({ name }) => !dropped.has(name));
	const owned = [views, routines, packages, triggers, events].flat();
	if (owned.length === 0 || definers.mode === 'remove') return [];
	if (definers.mode === 'keep') return [...new Set(owned.map(({ definer }) => definer))].sort();
	const { user, host } = definerAccount(definers.account);
	return [`${user}@${host}`];
}

/** Throws `sql_object_unsupported` for a table whose rows are not known to survive. */
export function checkTable(table: CatalogTable): void {
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

/** Whether former rows of a table are dumped; when its history is left out, that is told. */
export function wantsHistory(
	{ name, versioned }: CatalogTable,
	columns: readonly ColumnInfo[],
	{
		server,
		content,
		warnings,
	}: {
		readonly server: ServerInfo;
		readonly content: DumpContent;
		readonly warnings: string[];
	},
): boolean {
	if (!versioned) return false;
	const { major, minor } = server;
	const [oldestMajor, oldestMinor] = HISTORY_SINCE;
	const able = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
	if (content.history && able && historyColumns(columns) !== undefined) return true;
	const why = content.history ? ', because it cannot be loaded again' : '';
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
	{ catalog, structureOnly }: ContentSelection,
	indexes: ReadonlyMap<string, readonly IndexInfo[]>,
	{ indexRangesFrom }: DumpContent,
): Promise<ReadonlyMap<string, TableParts>> {
	const parts = new Map<string, TableParts>();
	// MariaDB 11.8 answers EXPLAIN in a collation that the driver does not know, unless it converts.
	await connection.exec('SET character_set_results=utf8mb4');
	for (const { name, engine, versioned, averageRowBytes } of catalog.tables) {
		if (structureOnly.has(name)) continue;
		const known = engine.toLowerCase() === 'innodb' && !versioned;
		const found = known ? (indexes.get(name) ?? []) : [];
		parts.set(name, await partTable(connection, name, found, { averageRowBytes, indexRangesFrom }));
	}
	await connection.exec('SET character_set_results=NULL');
	return parts;
}

async function planSequence(connection: SqlConnection, name: string): Promise<SequencePlan> {
	const definition = await readTableDefinition(connection, 'SEQUENCE', name);
	const { rows } = await connection.rows(`SELECT * FROM ${quoteIdentifier(name)}`);
	return { name, definition, values: (rows[0] ?? []).map(text).join(', ') };
}
