import { type Token, keyword, nameOf, tokens } from './tokens.ts';

/** These include ANSI_QUOTES. */
const ANSI = ['ANSI_QUOTES', 'ANSI', 'DB2', 'MAXDB', 'MSSQL', 'ORACLE', 'POSTGRESQL'];

/**
 * Follows the sql_mode of a dump's session through its SET statements, also where it is put by into a user
 * variable and brought back: quotes and backslashes mean what it says.
 */
export class SqlModeFollower {
	#modes: readonly string[] = [];
	readonly #saved = new Map<string, readonly string[]>();

	get ansiQuotes(): boolean {
		return this.#modes.some((mode) => ANSI.includes(mode));
	}

	get noBackslashEscapes(): boolean {
		return this.#modes.includes('NO_BACKSLASH_ESCAPES');
	}

	/** Takes a SET statement. */
	follow(sql: Buffer): void {
		let assignment: Token[] = [];
		for (const token of tokens(sql)) {
			if (keyword(sql, token) !== ',') assignment.push(token);
			else {
				this.#assign(sql, assignment);
				assignment = [];
			}
		}
		this.#assign(sql, assignment);
	}

	#assign(sql: Buffer, all: readonly Token[]): void {
		const words = all.map((token) => keyword(sql, token));
		const at = words.indexOf('=');
		if (at < 1) return;
		const [before, name = ''] = [words[at - 2], words[at - 1]];
		const colon = name === ':';
		const target = colon ? (words[at - 2] ?? '') : name;
		const isVariable = (colon ? words[at - 3] : before) === '@';
		const isSystem = (colon ? words[at - 4] : words[at - 3]) === '@';
		const [value, second, third] = all.slice(at + 1);
		if (target === 'SQL_MODE' && (!isVariable || isSystem)) {
			this.#modes = this.#modesOf(sql, value, second);
		} else if (isVariable && keyword(sql, value) === '@' && keyword(sql, second) === '@') {
			// @saved = @@sql_mode, or @@session.sql_mode.
			const last = all.at(-1) ?? third;
			if (keyword(sql, last) === 'SQL_MODE') this.#saved.set(target, this.#modes);
		}
	}

	#modesOf(sql: Buffer, value: Token | undefined, second: Token | undefined): readonly string[] {
		if (value?.kind === 'string') {
			const text = sql.toString('latin1', value.start + 1, value.end - 1).toUpperCase();
			return text.split(',').filter((mode) => mode !== '');
		}
		if (keyword(sql, value) !== '@') return [];
		return this.#saved.get((nameOf(sql, second) ?? '').toUpperCase()) ?? [];
	}
}
