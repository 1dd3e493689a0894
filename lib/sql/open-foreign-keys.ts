import { inDatabase } from './catalog.ts';
import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { quoteIdentifier } from './identifiers.ts';

/** A foreign key that refers to a table that is not there. */
export interface OpenForeignKey {
	readonly table: string;
	readonly name: string;
	readonly refersTo: string;
}

/**
 * Some tables of a dump may refer to others that were not chosen: such keys would refuse every change of a row, so
 * they are dropped.
 */
export async function dropOpenForeignKeys(
	connection: SqlConnection,
	database: string,
): Promise<readonly OpenForeignKey[]> {
	const { rows } = await connection.rows(
		`SELECT r.TABLE_NAME, r.CONSTRAINT_NAME, r.REFERENCED_TABLE_NAME
		FROM information_schema.REFERENTIAL_CONSTRAINTS r LEFT JOIN information_schema.TABLES t
		ON t.TABLE_SCHEMA = r.UNIQUE_CONSTRAINT_SCHEMA AND t.TABLE_NAME = r.REFERENCED_TABLE_NAME
		WHERE ${inDatabase('r.CONSTRAINT_SCHEMA', database)} AND t.TABLE_NAME IS NULL ORDER BY 1, 2`,
	);
	const open = rows.map(([table, name, refersTo]) => ({
		...{ table: text(table), name: text(name), refersTo: text(refersTo) },
	}));
	for (const { table, name } of open) {
		await connection.exec(
			`ALTER TABLE ${quoteIdentifier(table)} DROP FOREIGN KEY ${quoteIdentifier(name)}`,
		);
	}
	return open;
}

const EXAMPLES = 3;

export function openKeyWarnings(open: readonly OpenForeignKey[]): readonly string[] {
	if (open.length === 0) return [];
	const examples = open
		.slice(0, EXAMPLES)
		.map(({ table, refersTo }) => `${table} to ${refersTo}`)
		.join(', ');
	const more = open.length > EXAMPLES ? ', …' : '';
	return [
		`Foreign keys to tables that were not chosen were left out: ${open.length} (${examples}${more}).`,
	];
}
