import { EngineError } from '../core/index.ts';
import type { Catalog, CatalogRoutine, CatalogTable } from './catalog.ts';
import { inDatabase } from './catalog.ts';
import { text } from './cells.ts';
import { type ColumnInfo, type ColumnPlan, planColumn, readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { withDefiner, withoutSequenceDatabase, withoutTriggerDatabase } from './ddl-edits.ts';
import {
	type Definition,
	type ProgramKind,
	readDefinition,
	readTableDefinition,
} from './definitions.ts';
import { type DumpContent, type DumpDefiners, definerAccount } from './dump-content.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type LeftOut, isWhole, leftOutPhrases } from './left-out.ts';
import { MARKER_TABLE } from './marker.ts';
import { type PlannedViews, type ViewPlan, planViews } from './plan-views.ts';
import { privilegesMissing, routineBodyPrivilege } from './privilege-errors.ts';
import { type ContentSelection, danglingReferences } from './select-content.ts';
import type { ServerInfo } from './server-info.ts';

/** Everything a dump writes except the rows, read and checked before its first byte. */
export interface DumpPlan {
	readonly sequences: readonly SequencePlan[];
	readonly tables: readonly TablePlan[];
	/** Ordered so that a view comes after those it reads. */
	readonly views: readonly ViewPlan[];
	readonly routines: ReadonlyArray<Definition & { readonly kind: 'FUNCTION' | 'PROCEDURE' }>;
	readonly triggers: readonly Definition[];
	readonly events: readonly Definition[];
	/** Accounts (`user@host`) that will own views, routines, triggers and events. */
	readonly definers: readonly string[];
	readonly leftOut: LeftOut;
	readonly warnings: readonly string[];
}

export interface TablePlan {
	readonly name: string;
	readonly engine: string;
	readonly definition: Buffer;
	readonly columns: readonly ColumnPlan[];
	readonly select: string;
	/** The rows stay out. */
	readonly structureOnly: boolean;
}

export interface SequencePlan {
	readonly name: string;
	readonly definition: Buffer;
}

const TRANSACTIONAL = ['innodb', 'rocksdb', 'tokudb', 'ndbcluster'];
/** Engines that hold their own rows, of which one moment may differ from the snapshot's. */
const OTHER_ENGINES = ['myisam', 'aria', 'memory', 'archive', 'csv', 'blackhole'];

export async function planDump(
	connection: SqlConnection,
	selection: ContentSelection,
	server: ServerInfo,
	{ definers }: Pick<DumpContent, 'definers'>,
): Promise<DumpPlan> {
	const { catalog, structureOnly } = selection;
	const columns = await readColumns(connection, catalog.database);
	const primaryKeys = await readPrimaryKeys(connection, catalog.database);
	const warnings = [...selection.warnings, ...(await danglingReferences(connection, selection))];
	const tables: TablePlan[] = [];
	for (const table of catalog.tables) {
		const isStructureOnly = structureOnly.has(table.name);
		checkTable(table, isStructureOnly ? [] : warnings);
		const found = columns.get(table.name) ?? [];
		const plan = await planTable(connection, catalog, table, found, primaryKeys.get(table.name));
		tables.push({ ...plan, structureOnly: isStructureOnly });
	}
	const sequences: SequencePlan[] = [];
	for (const name of catalog.sequences) {
		sequences.push({ name, definition: await readTableDefinition(connection, 'SEQUENCE', name) });
	}
	const views = await planViews(connection, selection, columns);
	const programs = await planPrograms(connection, catalog, server, warnings);
	const left = leftOutWith(selection.leftOut, views, warnings);
	return {
		sequences,
		tables,
		...withDefiners({ views: views.views, ...programs }, definers),
		definers: definersOf(catalog, views, definers),
		leftOut: left,
		warnings,
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

type Owned = Pick<DumpPlan, 'views' | 'routines' | 'triggers' | 'events'>;

function withDefiners(owned: Owned, definers: DumpDefiners): Owned {
	if (definers.mode === 'keep') return owned;
	const account = definers.mode === 'replace' ? definerAccount(definers.account) : undefined;
	const edited = <T extends Definition>(definition: T): T => ({
		...definition,
		sql: withDefiner(definition.sql, account),
	});
	return {
		views: owned.views.map((view) => ({ ...view, definition: edited(view.definition) })),
		routines: owned.routines.map(edited),
		triggers: owned.triggers.map(edited),
		events: owned.events.map(edited),
	};
}

function definersOf(
	catalog: Catalog,
	{ dropped }: PlannedViews,
	definers: DumpDefiners,
): readonly string[] {
	const views = catalog.views.filter(({ name }) => !dropped.has(name));
	const owned = [views, catalog.routines, catalog.triggers, catalog.events].flat();
	if (owned.length === 0 || definers.mode === 'remove') return [];
	if (definers.mode === 'keep') return [...new Set(owned.map(({ definer }) => definer))].sort();
	const { user, host } = definerAccount(definers.account);
	return [`${user}@${host}`];
}

/** Throws `sql_object_unsupported` for a table whose rows are not known to survive. */
export function checkTable(table: CatalogTable, warnings: string[]): void {
	const { name, versioned } = table;
	const engine = table.engine.toLowerCase();
	const refuse = (message: string, remedy: string) =>
		new EngineError('sql_object_unsupported', message, {
			remedy,
			details: { table: name, engine },
		});
	if (name === MARKER_TABLE) {
		throw refuse(
			'This database is the remains of a restore that was interrupted',
			'Restore it again; a backup of a half restored database is worth nothing.',
		);
	}
	if (engine === '') {
		throw refuse(`The server cannot open table ${name}`, 'Repair or drop the table.');
	}
	if (OTHER_ENGINES.includes(engine)) {
		warnings.push(
			`Table ${name} (${table.engine}) knows no transactions: its rows may be of a later moment than the snapshot.`,
		);
	} else if (!TRANSACTIONAL.includes(engine)) {
		throw refuse(
			`Table ${name} uses the storage engine ${table.engine}, which cannot be dumped`,
			'Convert the table to InnoDB, or drop it.',
		);
	}
	if (versioned) {
		warnings.push(
			`Table ${name} is system-versioned: its current rows are in the dump, its history is not.`,
		);
	}
}

async function planTable(
	connection: SqlConnection,
	catalog: Catalog,
	table: CatalogTable,
	columns: readonly ColumnInfo[],
	primaryKey: readonly string[] | undefined,
): Promise<Omit<TablePlan, 'structureOnly'>> {
	const { name, engine } = table;
	const plans = columns.filter(({ generated }) => !generated).map(planColumn);
	const definition = await readTableDefinition(connection, 'TABLE', name);
	const list = plans.map(({ expression }) => expression).join(', ');
	// The order of the primary key makes equal dumps of equal data, and the fastest load.
	const order =
		engine.toLowerCase() === 'innodb' && primaryKey !== undefined
			? ` FORCE INDEX (PRIMARY) ORDER BY ${primaryKey.map(quoteIdentifier).join(', ')}`
			: '';
	return {
		name,
		engine,
		definition: withoutSequenceDatabase(definition, catalog.database),
		columns: plans,
		select: `SELECT ${list === '' ? '1' : list} FROM ${quoteIdentifier(name)}${order}`,
	};
}

async function readPrimaryKeys(
	connection: SqlConnection,
	database: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE ${inDatabase('TABLE_SCHEMA', database)} AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX`,
	);
	const keys = new Map<string, string[]>();
	for (const row of rows) {
		const key = keys.get(text(row[0]));
		if (key === undefined) keys.set(text(row[0]), [text(row[1])]);
		else key.push(text(row[1]));
	}
	return keys;
}

async function planPrograms(
	connection: SqlConnection,
	catalog: Catalog,
	server: ServerInfo,
	warnings: string[],
): Promise<Pick<DumpPlan, 'routines' | 'triggers' | 'events'>> {
	const read = async (kind: ProgramKind, name: string) => {
		const definition = await readDefinition(connection, kind, name);
		if (definition === undefined) {
			const { privilege, on } = routineBodyPrivilege(server, catalog.database);
			const what = `The body of ${kind.toLowerCase()} ${name} is hidden from ${server.account}`;
			throw privilegesMissing([{ what, privilege, on }], server);
		}
		if (definition.sql.includes('\r')) {
			warnings.push(
				`The ${kind.toLowerCase()} ${name} holds carriage returns: the standard clients keep them only with --binary-mode.`,
			);
		}
		return definition;
	};
	const routines = [];
	for (const routine of catalog.routines) {
		const kind = checkLanguage(routine);
		routines.push({ ...(await read(kind, routine.name)), kind });
	}
	const triggers = [];
	for (const { name } of catalog.triggers) {
		const definition = await read('TRIGGER', name);
		const sql = withoutTriggerDatabase(definition.sql, catalog.database);
		triggers.push({ ...definition, sql });
	}
	const events = [];
	for (const { name } of catalog.events) events.push(await read('EVENT', name));
	return { routines, triggers, events };
}

/** Throws `sql_object_unsupported` for anything but functions and procedures in SQL. */
export function checkLanguage({ type, name, language }: CatalogRoutine): 'FUNCTION' | 'PROCEDURE' {
	if ((type === 'FUNCTION' || type === 'PROCEDURE') && language === 'SQL') return type;
	throw new EngineError('sql_object_unsupported', `${type} ${name} cannot be dumped`, {
		remedy:
			'Only functions and procedures in SQL are supported; drop it, or use the tools of the server.',
		details: { routine: name, type, language },
	});
}
