import { EngineError } from '../core/index.ts';
import type { ColumnInfo } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { orReplace, quotedNames, tableReferences, withoutViewDatabase } from './ddl-edits.ts';
import { ownedBy } from './definer.ts';
import { readDefinition } from './definitions.ts';
import type { DumpDefiners } from './dump-content.ts';
import type { Program } from './program-plan.ts';
import type { ContentSelection } from './select-content.ts';

export interface ViewPlan {
	readonly definition: Program;
	readonly columns: readonly string[];
}

export interface PlannedViews {
	/** Ordered so that a view comes after those it reads. */
	readonly views: readonly ViewPlan[];
	/** Views that read a table or view that the user left out, with that name. */
	readonly dropped: ReadonlyMap<string, string>;
}

/** Reads all views. Throws `sql_object_unsupported` for one that does not work any more. */
export async function planViews(
	connection: SqlConnection,
	{ catalog, leftOut }: ContentSelection,
	columns: ReadonlyMap<string, readonly ColumnInfo[]>,
	definers: DumpDefiners,
): Promise<PlannedViews> {
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
		const edited = orReplace(withoutViewDatabase(definition.sql, catalog.database, name));
		const sql = ownedBy(edited, definers);
		views.set(name, { definition: { ...definition, kind: 'VIEW', sql }, columns: names });
	}
	const dropped = withoutFoundation(views, [...leftOut.tables, ...leftOut.views]);
	for (const name of dropped.keys()) views.delete(name);
	return { views: inOrderOfUse(views), dropped };
}

/** The views that read something of `absent`, and those that read such a view, until none is left. */
function withoutFoundation(
	views: ReadonlyMap<string, ViewPlan>,
	absent: readonly string[],
): ReadonlyMap<string, string> {
	const dropped = new Map<string, string>();
	const missing = new Set(absent);
	let before = -1;
	while (before !== dropped.size) {
		before = dropped.size;
		for (const [name, { definition }] of views) {
			if (dropped.has(name)) continue;
			const reads = [...tableReferences(definition.sql)].find((other) => missing.has(other));
			if (reads === undefined) continue;
			dropped.set(name, reads);
			missing.add(name);
		}
	}
	return dropped;
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
