import type { DefinerChoice } from './dump-options.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type Token, keyword, tokens } from './tokens.ts';

/** Of a definition as the server prints it: `CREATE … DEFINER=`user`@`host` …`, before any body. */
export function withDefiner(sql: Buffer, choice: DefinerChoice): Buffer {
	if (choice.kind === 'keep') return sql;
	const clause = definerClause(sql);
	if (clause === undefined) return sql;
	const replacement = choice.kind === 'remove' ? '' : `DEFINER=${quotedAccount(choice.account)} `;
	return Buffer.concat([
		sql.subarray(0, clause.start),
		Buffer.from(replacement, 'utf8'),
		sql.subarray(clause.end),
	]);
}

/** From the word DEFINER to the beginning of what follows it. */
function definerClause(sql: Buffer): { start: number; end: number } | undefined {
	const all: Token[] = [];
	for (const token of tokens(sql)) {
		all.push(token);
		// The clause stands near the beginning; bodies are long.
		if (all.length > 16) break;
	}
	const at = all.findIndex(
		(token, index) => keyword(sql, token) === 'DEFINER' && keyword(sql, all[index + 1]) === '=',
	);
	const [definer, , , mark, , next] = all.slice(at);
	if (at < 0 || definer === undefined || next === undefined) return undefined;
	// A role has no host.
	const after = keyword(sql, mark) === '@' ? next : mark;
	return after === undefined ? undefined : { start: definer.start, end: after.start };
}

function quotedAccount(account: string): string {
	const at = account.lastIndexOf('@');
	return `${quoteIdentifier(account.slice(0, at))}@${quoteIdentifier(account.slice(at + 1))}`;
}
