import { EngineError } from '../core/index.ts';
import type { Catalog } from './catalog.ts';
import type { Grants } from './grants.ts';
import { allOf, privilegeMissing, routineBodyPrivilege } from './privilege-errors.ts';
import type { ServerInfo } from './server-info.ts';

/** Every CaosDB (LinkAhead) database has this table, and always stored routines. */
const CAOSDB_TABLE = 'entities';

/** Each of these shows that routines exist, though not their bodies. */
const SHOWS_ROUTINES = ['EXECUTE', 'ALTER ROUTINE', 'CREATE ROUTINE', 'SHOW CREATE ROUTINE'];

/** Which kinds of objects are dumped. */
export interface WantedObjects {
	readonly views: boolean;
	readonly routines: boolean;
	readonly triggers: boolean;
	readonly events: boolean;
}

/**
 * Refuses a dump from which the server would leave things out without an error: tables, routines,
 * triggers or events that the account cannot see. Throws `sql_privilege_missing` with the GRANT.
 */
export function demandVisibility(
	catalog: Catalog,
	grants: Grants,
	server: ServerInfo,
	wanted: WantedObjects,
): void {
	const { database } = catalog;
	const { views, triggers, events, routines } = wanted;
	const needed = [
		...['SELECT', ...(views ? ['SHOW VIEW'] : [])],
		...[...(triggers ? ['TRIGGER'] : []), ...(events ? ['EVENT'] : [])],
	];
	for (const privilege of needed) {
		if (grants.has(privilege)) continue;
		throw privilegeMissing(
			`The account ${server.account} lacks ${privilege} on database ${database}, so parts of it may be invisible`,
			needed.join(', '),
			allOf(database),
			server,
		);
	}
	if (!routines || catalog.routines.length > 0) return;
	const body = routineBodyPrivilege(server, database);
	if (!seesRoutines(grants, server)) {
		throw privilegeMissing(
			`The account ${server.account} cannot see whether database ${database} has routines`,
			body.privilege,
			body.on,
			server,
		);
	}
	if (catalog.tables.some(({ name }) => name === CAOSDB_TABLE)) {
		throw new EngineError(
			'sql_object_unsupported',
			`Database ${database} has the tables of CaosDB but none of its stored routines`,
			{
				remedy:
					'Such a database does not run CaosDB: it was probably restored from a dump without routines. Restore it completely first.',
				details: { database },
			},
		);
	}
}

function seesRoutines(grants: Grants, server: ServerInfo): boolean {
	if (SHOWS_ROUTINES.some((privilege) => grants.has(privilege))) return true;
	return server.vendor === 'mysql' && server.major >= 8
		? grants.hasGlobal('SELECT') || grants.hasGlobal('SHOW_ROUTINE')
		: grants.readsProcTable;
}
