import { type DumpDefiners, definerAccount } from './dump-content.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type Token, keyword, nameOf, tokens } from './tokens.ts';

interface DefinerClause {
	readonly account: string;
	readonly start: number;
	readonly end: number;
}

/** It stands in the head of a statement, before the name of the object. */
const HEAD_TOKENS = 16;

function accountPart(sql: Buffer, token: Token): string {
	if (token.kind === 'string') return sql.toString('utf8', token.start + 1, token.end - 1);
	return nameOf(sql, token) ?? '';
}

function findClause(sql: Buffer): DefinerClause | undefined {
	let start: number | undefined;
	let assigned = false;
	let seen = 0;
	let first: { readonly part: string; readonly end: number } | undefined;
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		seen += 1;
		if (start === undefined || (!assigned && word !== '=')) {
			// SQL SECURITY DEFINER is followed by no account.
			start = word === 'DEFINER' ? token.start : undefined;
			if (seen > HEAD_TOKENS) return undefined;
		} else if (!assigned) assigned = true;
		else if (word === 'CURRENT_USER') return undefined;
		else if (first === undefined) first = { part: accountPart(sql, token), end: token.end };
		else if (word !== '@') {
			// A role has no host: what follows is the statement.
			if (sql.toString('latin1', first.end, token.start).includes('@')) {
				return { account: `${first.part}@${accountPart(sql, token)}`, start, end: token.end };
			}
			return { account: first.part, start, end: first.end };
		}
	}
	return undefined;
}

/** The account (`user@host`) that a CREATE statement names; `undefined` when it names none. */
export function definerOf(sql: Buffer): string | undefined {
	return findClause(sql)?.account;
}

const SPACE = 0x20;

/**
 * A statement with the definer that was chosen; one that names none stays as it is. In dumps of others the
 * clause may stand in an executable comment of its own, whose marks stay.
 */
export function ownedBy(sql: Buffer, choice: DumpDefiners): Buffer {
	if (choice.mode === 'keep') return sql;
	const clause = findClause(sql);
	if (clause === undefined) return sql;
	const text = choice.mode === 'remove' ? '' : definerText(choice.account);
	const rest = text === '' && sql[clause.end] === SPACE ? clause.end + 1 : clause.end;
	return Buffer.concat([sql.subarray(0, clause.start), Buffer.from(text), sql.subarray(rest)]);
}

function definerText(account: string): string {
	const { user, host } = definerAccount(account);
	return `DEFINER=${quoteIdentifier(user)}@${quoteIdentifier(host)}`;
}
