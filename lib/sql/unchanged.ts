import { EngineError } from '../core/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import type { PreparedDump } from './dump-database.ts';
import type { DumpPlan } from './dump-plan.ts';
import { ProgramReader } from './program-plan.ts';
import { selectContent } from './select-content.ts';

/**
 * What the metadata locks of the snapshot do not hold is compared with what it was: the list of tables,
 * routines, events and triggers with their definitions, the defaults of the database. Ends the
 * snapshot. Throws `sql_verify_failed`.
 */
export async function demandUnchanged(dump: PreparedDump): Promise<void> {
	const { sessions, selection, server, content, plan } = dump;
	const { connection } = sessions.first;
	// MySQL shows its catalog as of the snapshot while the transaction lasts.
	await connection.exec('COMMIT');
	// A table to include that is gone must not end in an error about an option.
	const choice = { ...content, includeTables: [], structureOnly: [] };
	const now = withoutTables(
		selectContent(await readCatalog(connection), choice).catalog,
		selection.leftOut.tables,
	);
	const before = unheld(selection.catalog);
	const after = unheld(now);
	for (const [what, found] of Object.entries(after)) {
		if (JSON.stringify(found) !== JSON.stringify(before[what])) throw changed(what);
	}
	const reader = new ProgramReader(connection, server, content.definers);
	const programs = await reader.programs(now);
	if (!sameText(programs, plan)) throw changed('routines');
}

function withoutTables(catalog: Catalog, skipped: readonly string[]): Catalog {
	return {
		...catalog,
		tables: catalog.tables.filter(({ name }) => !skipped.includes(name)),
		triggers: catalog.triggers.filter(({ table }) => !skipped.includes(table)),
	};
}

function unheld(catalog: Catalog): Readonly<Record<string, unknown>> {
	const { characterSet, collation, tables, sequences, views } = catalog;
	const { routines, packages, triggers, events } = catalog;
	return {
		'default character set': [characterSet, collation],
		tables: tables.map(({ name }) => name),
		views: [...views, ...sequences],
		routines: [routines, packages],
		triggers,
		events: events.map(({ name, definer }) => [name, definer]),
	};
}

type Programs = Pick<DumpPlan, 'routines' | 'packages' | 'triggers' | 'events'>;

function sameText(now: Programs, then: Programs): boolean {
	const texts = ({ routines, packages, triggers, events }: Programs) =>
		[routines, packages, triggers, events].flat().map(({ sql }) => sql.toString('latin1'));
	return JSON.stringify(texts(now)) === JSON.stringify(texts(then));
}

function changed(what: string): EngineError {
	return new EngineError('sql_verify_failed', `The ${what} were changed during the dump`, {
		remedy: 'Run the backup again when nobody changes the structure of the database.',
		details: { what },
	});
}
