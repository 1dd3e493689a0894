import { EngineError } from '../core/index.ts';
import type { Catalog, CatalogRoutine } from './catalog.ts';
import type { ColumnInfo } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import {
	orReplace,
	quotedNames,
	withoutTriggerDatabase,
	withoutViewDatabase,
} from './ddl-edits.ts';
import { withDefiner } from './definer-edit.ts';
import { type Definition, type ProgramKind, readDefinition } from './definitions.ts';
import type { DefinerChoice } from './dump-options.ts';
import { privilegeMissing, routineBodyPrivilege } from './privilege-errors.ts';
import type { ServerInfo } from './server-info.ts';

/** A definition with what it defines, as a dump writes it. */
export interface Program extends Definition {
	readonly kind: ProgramKind;
}

export interface ViewPlan {
	readonly definition: Program;
	readonly columns: readonly string[];
}

export interface ProgramPlan {
	readonly routines: readonly Program[];
	readonly packages: readonly Program[];
	readonly triggers: readonly Program[];
	readonly events: readonly Program[];
}

/** Reads definitions, each checked and edited so that it fits into a dump. */
export class ProgramReader {
	readonly warnings: string[] = [];
	readonly #connection: SqlConnection;
	readonly #server: ServerInfo;
	readonly #definers: DefinerChoice;

	constructor(connection: SqlConnection, server: ServerInfo, definers: DefinerChoice) {
		this.#connection = connection;
		this.#server = server;
		this.#definers = definers;
	}

	async programs(catalog: Catalog): Promise<ProgramPlan> {
		const routines: Program[] = [];
		for (const routine of catalog.routines) routines.push(await this.#routine(catalog, routine));
		const packages: Program[] = [];
		for (const routine of catalog.packages) packages.push(await this.#routine(catalog, routine));
		const triggers: Program[] = [];
		for (const { name } of catalog.triggers) {
			const definition = await this.#read(catalog, 'TRIGGER', name);
			const sql = withoutTriggerDatabase(definition.sql, catalog.database);
			triggers.push({ ...definition, sql });
		}
		const events: Program[] = [];
		for (const { name } of catalog.events) events.push(await this.#read(catalog, 'EVENT', name));
		return { routines, packages, triggers, events };
	}

	/** In an order in which a view comes after those it reads; those that read a skipped table are left out. */
	async views(
		catalog: Catalog,
		columns: ReadonlyMap<string, readonly ColumnInfo[]>,
		skippedTables: readonly string[],
	): Promise<readonly ViewPlan[]> {
		const views = new Map<string, ViewPlan>();
		for (const { name } of catalog.views) {
			const definition = await readDefinition(this.#connection, 'VIEW', name);
			const names = (columns.get(name) ?? []).map((column) => column.name);
			if (definition === undefined || names.length === 0) {
				throw new EngineError('sql_object_unsupported', `View ${name} cannot be read`, {
					remedy: 'It names something that does not exist any more: repair or drop it.',
					details: { view: name },
				});
			}
			const edited = orReplace(withoutViewDatabase(definition.sql, catalog.database, name));
			const sql = withDefiner(edited, this.#definers);
			views.set(name, { definition: { ...definition, kind: 'VIEW', sql }, columns: names });
		}
		this.#leaveOut(views, new Set(skippedTables));
		return inOrderOfUse(views);
	}

	#leaveOut(views: Map<string, ViewPlan>, missing: Set<string>): void {
		for (let found = true; found;) {
			found = false;
			for (const [name, { definition }] of views) {
				const lacks = [...quotedNames(definition.sql)].find((used) => missing.has(used));
				if (lacks === undefined || lacks === name) continue;
				views.delete(name);
				missing.add(name);
				this.warnings.push(
					`View ${name} is not in the dump, because it names ${lacks}, which is skipped.`,
				);
				found = true;
			}
		}
	}

	async #routine(catalog: Catalog, { type, name, language }: CatalogRoutine): Promise<Program> {
		const kind = ROUTINE_KINDS.find((known) => known === type);
		if (kind !== undefined && language === 'SQL') return await this.#read(catalog, kind, name);
		throw new EngineError('sql_object_unsupported', `${type} ${name} cannot be dumped`, {
			remedy:
				'Only functions, procedures and packages in SQL are supported; drop it, or use the tools of the server.',
			details: { routine: name, type, language },
		});
	}

	async #read(catalog: Catalog, kind: ProgramKind, name: string): Promise<Program> {
		const server = this.#server;
		const definition = await readDefinition(this.#connection, kind, name);
		if (definition === undefined) {
			const { privilege, on } = routineBodyPrivilege(server, catalog.database);
			const what = `The body of ${kind.toLowerCase()} ${name} is hidden from ${server.account}`;
			throw privilegeMissing(what, privilege, on, server);
		}
		if (definition.sql.includes('\r')) {
			this.warnings.push(
				`The ${kind.toLowerCase()} ${name} holds carriage returns: the standard clients keep them only with --binary-mode.`,
			);
		}
		return { ...definition, kind, sql: withDefiner(definition.sql, this.#definers) };
	}
}

const ROUTINE_KINDS = ['FUNCTION', 'PROCEDURE', 'PACKAGE', 'PACKAGE BODY'] as const;

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
