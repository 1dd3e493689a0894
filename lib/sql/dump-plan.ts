import { EngineError } from '../core/index.ts';
import type { Catalog, CatalogTable } from './catalog.ts';
import { inDatabase } from './catalog.ts';
import { text } from './cells.ts';
import { type ColumnInfo, type ColumnPlan, planColumn, readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import {
	orReplace,
	quotedNames,
	withoutSequenceDatabase,
	withoutTriggerDatabase,
	withoutViewDatabase,
} from './ddl-edits.ts';
import {
	type Definition,
	type ProgramKind,
	readDefinition,
	readTableDefinition,
} from './definitions.ts';
import { quoteIdentifier } from './identifiers.ts';
import { MARKER_TABLE } from './marker.ts';
import { privilegeMissing, routineBodyPrivilege } from './privilege-errors.ts';
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
	readonly warnings: readonly string[];
}

export interface TablePlan {
	readonly name: string;
	readonly engine: string;
	readonly definition: Buffer;
	readonly columns: readonly ColumnPlan[];
	readonly select: string;
}

export interface SequencePlan {
	readonly name: string;
	readonly definition: Buffer;
}

export interface ViewPlan {
	readonly definition: Definition;
	readonly columns: readonly string[];
}

const TRANSACTIONAL = ['innodb', 'rocksdb', 'tokudb', 'ndbcluster'];
/** Engines that hold their own rows, of which one moment may differ from the snapshot's. */
const OTHER_ENGINES = ['myisam', 'aria', 'memory', 'archive', 'csv', 'blackhole'];

export async function planDump(
	connection: SqlConnection,
	catalog: Catalog,
	server: ServerInfo,
): Promise<DumpPlan> {
	const columns = await readColumns(connection, catalog.database);
	const primaryKeys = await readPrimaryKeys(connection, catalog.database);
	const warnings: string[] = [];
	const tables: TablePlan[] = [];
	for (const table of catalog.tables) {
		checkTable(table, warnings);
		const found = columns.get(table.name) ?? [];
		tables.push(await planTable(connection, catalog, table, found, primaryKeys.get(table.name)));
	}
	const sequences: SequencePlan[] = [];
	for (const name of catalog.sequences) {
		sequences.push({ name, definition: await readTableDefinition(connection, 'SEQUENCE', name) });
	}
	const views = await planViews(connection, catalog, columns);
	return {
		sequences,
		tables,
		views,
		...(await planPrograms(connection, catalog, server, warnings)),
		warnings,
	};
}

function checkTable(table: CatalogTable, warnings: string[]): void {
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
): Promise<TablePlan> {
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

async function planViews(
	connection: SqlConnection,
	catalog: Catalog,
	columns: ReadonlyMap<string, readonly ColumnInfo[]>,
): Promise<readonly ViewPlan[]> {
	const views = new Map<string, ViewPlan>();
	for (const { name } of catalog.views) {
		const definition = await readDefinition(connection, 'VIEW', name);
		const names = (columns.get(name) ?? []).map((column) => column.name);
		if (definition === undefined || names.length === 0) {
			throw new EngineError('sql_object_unsupported', `View ${name} cannot be read`, {
				remedy: 'It names something that does not exist any more: repair or drop it.',
				details: { view: name },
			});
		}
		const sql = orReplace(withoutViewDatabase(definition.sql, catalog.database, name));
		views.set(name, { definition: { ...definition, sql }, columns: names });
	}
	return inOrderOfUse(views);
}

/** Depth first over the names that each definition mentions; stand-ins cover what that gets wrong. */
function inOrderOfUse(views: ReadonlyMap<string, ViewPlan>): readonly ViewPlan[] {
	const ordered = new Set<ViewPlan>();
	const entered = new Set<string>();
	const enter = (name: string, view: ViewPlan) => {
		if (entered.has(name)) return;
		entered.add(name);
		for (const other of quotedNames(view.definition.sql)) {
			const used = views.get(other);
			if (used !== undefined) enter(other, used);
		}
		ordered.add(view);
	};
	for (const [name, view] of views) enter(name, view);
	return [...ordered];
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
			throw privilegeMissing(what, privilege, on, server);
		}
		if (definition.sql.includes('\r')) {
			warnings.push(
				`The ${kind.toLowerCase()} ${name} holds carriage returns: the standard clients keep them only with --binary-mode.`,
			);
		}
		return definition;
	};
	const routines = [];
	for (const { type, name, language } of catalog.routines) {
		if ((type !== 'FUNCTION' && type !== 'PROCEDURE') || language !== 'SQL') {
			throw new EngineError('sql_object_unsupported', `${type} ${name} cannot be dumped`, {
				remedy:
					'Only functions and procedures in SQL are supported; drop it, or use the tools of the server.',
				details: { routine: name, type, language },
			});
		}
		routines.push({ ...(await read(type, name)), kind: type } as const);
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
