import type { StatementKind } from './statement-kind.ts';
import { keyword, tokens } from './tokens.ts';

const DOUBLE_QUOTE = 0x22;
/** Where the body of a program begins, which stays as it was typed. */
const HEAD_ENDS: Readonly<Record<string, string>> = {
	function: '(',
	procedure: '(',
	package: 'AS',
	'package body': 'AS',
	trigger: 'FOR',
	event: 'SCHEDULE',
};

/**
 * A statement of a session with ANSI_QUOTES, where double quotes hold names: with backticks instead, which
 * mean the same in every session. The rows of an INSERT and the bodies of programs stay as they are.
 */
export function withBackticks(sql: Buffer, endsAt: string | undefined): Buffer {
	const parts: Buffer[] = [];
	let at = 0;
	for (const token of tokens(sql)) {
		if (endsAt !== undefined && keyword(sql, token) === endsAt) break;
		if (token.kind !== 'string' || sql[token.start] !== DOUBLE_QUOTE) continue;
		const name = sql.toString('latin1', token.start + 1, token.end - 1).replaceAll('""', '"');
		parts.push(sql.subarray(at, token.start));
		parts.push(Buffer.from(`\`${name.replaceAll('`', '``')}\``, 'latin1'));
		at = token.end;
	}
	return parts.length === 0 ? sql : Buffer.concat([...parts, sql.subarray(at)]);
}

/** The word at which the names of a statement end, by its kind; `undefined`: with the statement. */
export function namesEndAt(kind: StatementKind): string | undefined {
	if (kind.verb === 'insert') return 'VALUES';
	return kind.verb === 'create' ? HEAD_ENDS[kind.object] : undefined;
}

/**
 * A program whose name stands in double quotes: `mysqldump --compatible=ansi` writes it so, but sets the
 * sql_mode of the program before, in which such quotes may hold a text.
 */
export function hasQuotedName(kind: StatementKind): boolean {
	if (kind.verb !== 'create' && kind.verb !== 'drop') return false;
	return kind.object !== 'database' && kind.names.some(({ name }) => name === undefined);
}
