import { keyword, tokens } from './tokens.ts';

/** The words of an event's definition that say whether it runs, e.g. `ENABLE`, `DISABLE ON SLAVE`. */
export type EventStatus = string;

export const DISABLED: EventStatus = 'DISABLE';
const DEFAULT_STATUS: EventStatus = 'ENABLE';

/**
 * Puts another status into a CREATE EVENT and tells which it had. An event must not run in a staging or
 * kept database: it would change what is to be compared and kept, or the outside.
 */
export function withEventStatus(
	sql: Buffer,
	status: EventStatus,
): { readonly sql: Buffer; readonly was: EventStatus } {
	let scheduled = false;
	let depth = 0;
	let start: number | undefined;
	let end = 0;
	const words: string[] = [];
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		if (word === '(') depth += 1;
		else if (word === ')') depth -= 1;
		if (!scheduled) {
			scheduled = word === 'SCHEDULE';
			continue;
		}
		if (depth > 0) continue;
		if (start === undefined && (word === 'ENABLE' || word === 'DISABLE')) start = token.start;
		else if (start === undefined && (word === 'COMMENT' || word === 'DO')) {
			const text = Buffer.from(`${status} `);
			const parts = [sql.subarray(0, token.start), text, sql.subarray(token.start)];
			return { sql: Buffer.concat(parts), was: DEFAULT_STATUS };
		} else if (start !== undefined && !['ON', 'SLAVE', 'REPLICA'].includes(word)) break;
		if (start !== undefined) {
			words.push(word);
			end = token.end;
		}
	}
	if (start === undefined) return { sql, was: DEFAULT_STATUS };
	const parts = [sql.subarray(0, start), Buffer.from(status), sql.subarray(end)];
	return { sql: Buffer.concat(parts), was: words.join(' ') };
}
