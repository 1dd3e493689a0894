import { EngineError } from '../core/index.ts';
import type { Catalog, CatalogRoutine } from './catalog.ts';
import type { SqlConnection } from './connection.ts';
import { withoutTriggerDatabase } from './ddl-edits.ts';
import { ownedBy } from './definer.ts';
import { type Definition, type ProgramKind, readDefinition } from './definitions.ts';
import type { DumpDefiners } from './dump-content.ts';
import { privilegesMissing, routineBodyPrivilege } from './privilege-errors.ts';
import type { ServerInfo } from './server-info.ts';

/** A definition with what it defines, as a dump writes it. */
export interface Program extends Definition {
	readonly kind: ProgramKind;
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
	readonly #definers: DumpDefiners;

	constructor(connection: SqlConnection, server: ServerInfo, definers: DumpDefiners) {
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

	async #routine(catalog: Catalog, routine: CatalogRoutine): Promise<Program> {
		return await this.#read(catalog, routineKind(routine), routine.name);
	}

	async #read(catalog: Catalog, kind: ProgramKind, name: string): Promise<Program> {
		const server = this.#server;
		const definition = await readDefinition(this.#connection, kind, name);
		if (definition === undefined) {
			const what = `The body of ${kind.toLowerCase()} ${name} is hidden from ${server.account}`;
			const needed = routineBodyPrivilege(server, catalog.database);
			throw privilegesMissing([{ what, ...needed }], server);
		}
		if (definition.sql.includes('\r')) {
			this.warnings.push(
				`The ${kind.toLowerCase()} ${name} holds carriage returns: the standard clients keep them only with --binary-mode.`,
			);
		}
		return { ...definition, kind, sql: ownedBy(definition.sql, this.#definers) };
	}
}

const ROUTINE_KINDS = ['FUNCTION', 'PROCEDURE', 'PACKAGE', 'PACKAGE BODY'] as const;
type RoutineKind = (typeof ROUTINE_KINDS)[number];

/** Throws `sql_object_unsupported` for what is not written in SQL. */
export function routineKind({ type, name, language }: CatalogRoutine): RoutineKind {
	const kind = ROUTINE_KINDS.find((known) => known === type);
	if (kind !== undefined && language === 'SQL') return kind;
	throw new EngineError('sql_object_unsupported', `${type} ${name} cannot be dumped`, {
		remedy:
			'Only functions, procedures and packages in SQL are supported; drop it, or use the tools of the server.',
		details: { routine: name, type, language },
	});
}
