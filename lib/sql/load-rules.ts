import { EngineError } from '../core/index.ts';
import { type Token, keyword, nameOf, tokens } from './tokens.ts';
import type { StatementKind } from './statement-kind.ts';
import type { DatabaseDefaults } from './database-defaults.ts';
import { MARKER_TABLE } from './marker.ts';
import { JOURNAL_TABLE } from './own-tables.ts';

/** Which statements of a dump may run: only what dumps consist of (names: own-database.ts). */
export type LoadDecision = 'send' | 'skip';

const GLOBAL_VARIABLE = /^(@@)?(GLOBAL|PERSIST)/;
/** Belong to the server that the dump came from; the target keeps its own. */
const SERVER_LOG = /(GTID_PURGED|SQL_LOG_BIN)$/;
const ACCOUNT = /^(PASSWORD|ROLE|DEFAULTROLE|RESOURCE)/;

/** Throws `sql_object_unsupported` for a statement that must not run. */
export function decideStatement(kind: StatementKind, offset: number): LoadDecision {
	const names = namesOf(kind);
	if (names.includes(MARKER_TABLE)) throw unfinished(offset);
	if (names.includes(JOURNAL_TABLE)) return 'skip';
	switch (kind.verb) {
		case 'empty':
		case 'lock':
			return 'skip';
		case 'set':
			return decideSet(kind.variables, offset);
		case 'other':
			throw refused(kind.word, offset);
		default:
			return 'send';
	}
}

function namesOf(kind: StatementKind): ReadonlyArray<string | undefined> {
	if (kind.verb === 'insert') return [kind.table.name];
	return 'names' in kind ? kind.names.map(({ name }) => name) : [];
}

function unfinished(offset: number): EngineError {
	return new EngineError(
		'sql_object_unsupported',
		'The dump is of a database whose restore was under way or interrupted',
		{ remedy: 'It holds a part only. Use another backup.', details: { offset } },
	);
}

function decideSet(variables: readonly string[], offset: number): LoadDecision {
	if (variables.some((variable) => SERVER_LOG.test(variable))) return 'skip';
	const bad = variables.find((name) => GLOBAL_VARIABLE.test(name) || ACCOUNT.test(name));
	if (bad !== undefined) throw refused(`SET ${bad}`, offset);
	return 'send';
}

function refused(what: string, offset: number): EngineError {
	return new EngineError('sql_object_unsupported', `The dump holds ${what}, which is not loaded`, {
		remedy:
			'Only what dumps of one database consist of is loaded. Look at the statement at this offset of the file.',
		details: { offset },
	});
}

/** What a CREATE TABLE says after its columns, or a CREATE or ALTER DATABASE: DEFAULT CHARSET=… COLLATE=…. */
export function tableDefaults(sql: Buffer): DatabaseDefaults | undefined {
	let depth = 0;
	const options: Token[] = [];
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		if (word === '(') depth += 1;
		else if (word === ')') depth -= 1;
		else if (depth === 0) options.push(token);
	}
	const value = (at: number) => {
		const next = keyword(sql, options[at + 1]) === '=' ? at + 2 : at + 1;
		return at < 0 ? undefined : nameOf(sql, options[next]);
	};
	const words = options.map((token) => keyword(sql, token));
	const long = words.findIndex((word, at) => word === 'CHARACTER' && words[at + 1] === 'SET');
	const characterSet = value(words.includes('CHARSET') ? words.indexOf('CHARSET') : long + 1 || -1);
	if (characterSet === undefined) return undefined;
	const collation = value(words.indexOf('COLLATE')) ?? usualCollation(characterSet.toLowerCase());
	return collation === undefined ? undefined : { characterSet, collation };
}

/** What dumps of old servers leave out: the collation that their character set has by itself. */
function usualCollation(characterSet: string): string | undefined {
	if (characterSet === 'latin1') return 'latin1_swedish_ci';
	return /^(utf8|utf8mb3|utf8mb4|ucs2|utf16|utf32|latin2|ascii)$/.test(characterSet)
		? `${characterSet}_general_ci`
		: undefined;
}
