import { EngineError } from '../core/index.ts';
import { type Catalog, inDatabase } from './catalog.ts';
import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import type { DumpContent } from './dump-content.ts';
import type { LeftOut } from './left-out.ts';

/** The part of a catalog that a dump is to hold. */
export interface ContentSelection {
	readonly catalog: Catalog;
	/** Of tables in the catalog: those whose rows stay out. */
	readonly structureOnly: ReadonlySet<string>;
	/** Without the views that fall out because of what they read: planning finds those. */
	readonly leftOut: LeftOut;
	readonly warnings: readonly string[];
}

/**
 * Applies the user's choice to what the database holds. Sequences stay in any case: they are small, and
 * defaults of columns read them. Throws `invalid_option` for a table to include that does not exist.
 */
export function selectContent(catalog: Catalog, content: DumpContent): ContentSelection {
	const { includeTables, skipTables, structureOnly } = content;
	const tables = new Set(catalog.tables.map(({ name }) => name));
	const known = new Set([...tables, ...catalog.views.map(({ name }) => name)]);
	for (const name of includeTables) {
		if (!tables.has(name)) throw missingTable(catalog.database, name);
	}
	const isWanted = (name: string) =>
		(includeTables.length === 0 || includeTables.includes(name)) && !skipTables.includes(name);
	const kept = new Set([...tables].filter(isWanted));
	const warnings = skipTables
		.filter((name) => !known.has(name))
		.map((name) => `Table ${name} was to be skipped, but there is no such table.`);
	for (const name of structureOnly.filter((table) => !kept.has(table))) {
		warnings.push(`Table ${name} was to be dumped without rows, but it is not in the dump.`);
	}
	const views = split(catalog.views, ({ name }) => content.views && !skipTables.includes(name));
	const triggers = split(catalog.triggers, ({ table }) => content.triggers && kept.has(table));
	const programs = [...catalog.routines, ...catalog.packages];
	const routines = content.routines ? [] : [...new Set(programs.map(({ name }) => name))].sort();
	const events = split(catalog.events, () => content.events);
	const withoutRows = structureOnly.filter((name) => kept.has(name));
	return {
		catalog: {
			...catalog,
			tables: catalog.tables.filter(({ name }) => kept.has(name)),
			views: views.kept,
			triggers: triggers.kept,
			routines: content.routines ? catalog.routines : [],
			packages: content.routines ? catalog.packages : [],
			events: events.kept,
		},
		structureOnly: new Set(withoutRows),
		leftOut: {
			tables: [...tables].filter((name) => !kept.has(name)).sort(),
			rowsOf: [...new Set(withoutRows)].sort(),
			views: views.names,
			triggers: triggers.names,
			routines,
			events: events.names,
		},
		warnings,
	};
}

/** Tables in the dump whose foreign keys point at rows that are not in it. */
export async function danglingReferences(
	connection: SqlConnection,
	{ catalog, leftOut }: ContentSelection,
): Promise<readonly string[]> {
	const absent = new Map([
		...leftOut.tables.map((name) => [name, 'is left out'] as const),
		...leftOut.rowsOf.map((name) => [name, 'is without rows'] as const),
	]);
	if (absent.size === 0) return [];
	const kept = new Set(catalog.tables.map(({ name }) => name));
	for (const name of leftOut.rowsOf) kept.delete(name);
	const { rows } = await connection.rows(
		`SELECT DISTINCT REFERENCED_TABLE_NAME, TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE ${inDatabase('CONSTRAINT_SCHEMA', catalog.database)} AND UNIQUE_CONSTRAINT_SCHEMA = CONSTRAINT_SCHEMA ORDER BY 1, 2`,
	);
	const referring = new Map<string, string[]>();
	for (const row of rows) {
		const [parent, child] = [text(row[0]), text(row[1])];
		if (!absent.has(parent) || !kept.has(child)) continue;
		referring.set(parent, [...(referring.get(parent) ?? []), child]);
	}
	return [...referring].map(
		([parent, children]) =>
			`Table ${parent} ${absent.get(parent) ?? ''}, but foreign keys refer to its rows: of ${children.join(', ')}.`,
	);
}

function split<T extends { readonly name: string }>(
	objects: readonly T[],
	isKept: (object: T) => boolean,
): { readonly kept: readonly T[]; readonly names: readonly string[] } {
	const names = objects.filter((object) => !isKept(object)).map(({ name }) => name);
	return { kept: objects.filter(isKept), names: names.sort() };
}

function missingTable(database: string, name: string): EngineError {
	return new EngineError('invalid_option', `Database ${database} has no table ${name}`, {
		remedy: "Correct 'Tables to Include'; capital letters count.",
		details: { option: 'includeTables', table: name },
	});
}
