import { EngineError } from '../core/index.ts';
import type { Catalog } from './catalog.ts';
import type { ResolvedDumpOptions } from './dump-options.ts';

/** The part of a catalog that is to be dumped. */
export interface DumpSelection {
	readonly catalog: Catalog;
	readonly structureOnly: ReadonlySet<string>;
	readonly skippedTables: readonly string[];
}

/** Throws `invalid_option` when a table is named that does not exist. */
export function selectObjects(catalog: Catalog, options: ResolvedDumpOptions): DumpSelection {
	const { includeTables, skipTables, structureOnly, views, routines, triggers, events } = options;
	demandTables(catalog, [...includeTables, ...skipTables, ...structureOnly]);
	const wanted = (name: string) =>
		!skipTables.includes(name) && (includeTables.length === 0 || includeTables.includes(name));
	return {
		catalog: {
			...catalog,
			tables: catalog.tables.filter(({ name }) => wanted(name)),
			views: views ? catalog.views : [],
			routines: routines ? catalog.routines : [],
			packages: routines ? catalog.packages : [],
			triggers: triggers ? catalog.triggers.filter(({ table }) => wanted(table)) : [],
			events: events ? catalog.events : [],
		},
		structureOnly: new Set(structureOnly),
		skippedTables: catalog.tables.map(({ name }) => name).filter((name) => !wanted(name)),
	};
}

function demandTables({ tables, database }: Catalog, names: readonly string[]): void {
	const missing = names.find((name) => !tables.some((table) => table.name === name));
	if (missing === undefined) return;
	throw new EngineError('invalid_option', `Database ${database} has no table '${missing}'`, {
		remedy: 'Tables are named exactly, with capital letters as they are.',
		details: { table: missing, database },
	});
}
