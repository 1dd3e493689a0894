import { EngineError } from '../core/index.ts';
import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { quoteText } from './identifiers.ts';

/** What tables, and parameters of routines, get when they name no character set. */
export interface DatabaseDefaults {
	readonly characterSet: string;
	readonly collation: string;
}

/** `undefined` when there is no such database, or this account does not see it. */
export async function readDefaults(
	connection: SqlConnection,
	database: string,
): Promise<DatabaseDefaults | undefined> {
	const hex = Buffer.from(database).toString('hex').toUpperCase();
	const { rows } = await connection.rows(
		`SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${quoteText(database)} AND (@@lower_case_table_names <> 0 OR HEX(SCHEMA_NAME) = '${hex}')`,
	);
	const [row] = rows;
	return row === undefined ? undefined : { characterSet: text(row[0]), collation: text(row[1]) };
}

/** For CREATE and ALTER DATABASE; empty when nothing is known. Throws `invalid_option`. */
export function defaultsClause(defaults: DatabaseDefaults | undefined): string {
	if (defaults === undefined) return '';
	for (const name of [defaults.characterSet, defaults.collation]) {
		if (!/^\w+$/.test(name)) {
			throw new EngineError('invalid_option', 'This is no name of a character set', {
				details: { name },
			});
		}
	}
	return ` CHARACTER SET ${defaults.characterSet} COLLATE ${defaults.collation}`;
}
