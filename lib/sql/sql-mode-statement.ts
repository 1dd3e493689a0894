import { keyword, tokens } from './tokens.ts';

/** The value that a `SET sql_mode = '…'` gives; `undefined` when it is no such plain statement. */
export interface SqlModeValue {
	readonly modes: readonly string[];
	/** Where the text between the quotes stands in the statement. */
	readonly start: number;
	readonly end: number;
}

/**
 * Finds the literal sql_mode in a SET statement, also in an executable comment. A value from a user
 * variable (`SET sql_mode = @saved`) gives an empty list.
 */
export function sqlModeOf(sql: Buffer): SqlModeValue | undefined {
	let armed = false;
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		if (word === 'SQL_MODE') armed = true;
		else if (word === ',') armed = false;
		else if (armed && token.kind === 'string') {
			const [start, end] = [token.start + 1, token.end - 1];
			const modes = sql.toString('latin1', start, end).toUpperCase().split(',');
			return { modes: modes.filter((mode) => mode !== ''), start, end };
		} else if (armed && word !== '=' && word !== ':') return { modes: [], start: 0, end: 0 };
	}
	return undefined;
}
