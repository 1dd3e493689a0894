import { EngineError } from '../core/index.ts';
import type { Catalog } from './catalog.ts';
import type { DumpContent } from './dump-content.ts';
import type { Grants } from './grants.ts';
import {
	type MissingPrivilege,
	allOf,
	privilegesMissing,
	routineBodyPrivilege,
} from './privilege-errors.ts';
import type { ServerInfo } from './server-info.ts';

/** Every CaosDB (LinkAhead) database has this table, and always stored routines. */
const CAOSDB_TABLE = 'entities';

/** Each of these shows that routines exist, though not their bodies. */
const SHOWS_ROUTINES = ['EXECUTE', 'ALTER ROUTINE', 'CREATE ROUTINE', 'SHOW CREATE ROUTINE'];

/**
 * The privileges without which the server would leave something out without an error: tables, views,
 * triggers, events or routines that the account cannot see. All of them at once.
 */
export function invisibleParts(
	catalog: Catalog,
	grants: Grants,
	server: ServerInfo,
	content: DumpContent,
): readonly MissingPrivilege[] {
	const { database } = catalog;
	const missing: MissingPrivilege[] = [];
	const needed = [
		'SELECT',
		...(content.views ? ['SHOW VIEW'] : []),
		...(content.triggers ? ['TRIGGER'] : []),
		...(content.events ? ['EVENT'] : []),
	];
	const lacking = needed.filter((privilege) => !grants.has(privilege));
	if (lacking.length > 0) {
		missing.push({
			what: `The account ${server.account} lacks ${lacking.join(', ')} on database ${database}, so parts of it may be invisible`,
			privilege: needed.join(', '),
			on: allOf(database),
		});
	}
	if (content.routines && catalog.routines.length === 0 && !seesRoutines(grants, server)) {
		missing.push({
			what: `The account ${server.account} cannot see whether database ${database} has routines`,
			...routineBodyPrivilege(server, database),
		});
	}
	return missing;
}

/**
 * Refuses a dump from which something would be missing without an error. Throws `sql_privilege_missing`
 * with the GRANTs, and `sql_object_unsupported` for CaosDB's tables without any routine.
 */
export function demandVisibility(
	catalog: Catalog,
	grants: Grants,
	server: ServerInfo,
	content: DumpContent,
): void {
	const missing = invisibleParts(catalog, grants, server, content);
	if (missing.length > 0) throw privilegesMissing(missing, server);
	if (content.routines && lacksRoutines(catalog)) throw noRoutines(catalog.database);
}

/** CaosDB's tables, but not one routine: such a database does not run CaosDB. */
export function lacksRoutines({ routines, tables }: Catalog): boolean {
	return routines.length === 0 && tables.some(({ name }) => name === CAOSDB_TABLE);
}

function noRoutines(database: string): EngineError {
	return new EngineError(
		'sql_object_unsupported',
		`Database ${database} has the tables of CaosDB but none of its stored routines`,
		{
			remedy:
				'Such a database does not run CaosDB: it was probably restored from a dump without routines. Restore it completely first.',
			details: { database },
		},
	);
}

function seesRoutines(grants: Grants, server: ServerInfo): boolean {
	if (SHOWS_ROUTINES.some((privilege) => grants.has(privilege))) return true;
	return server.vendor === 'mysql' && server.major >= 8
		? grants.hasGlobal('SELECT') || grants.hasGlobal('SHOW_ROUTINE')
		: grants.readsProcTable;
}
