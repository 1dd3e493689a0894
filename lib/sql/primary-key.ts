import { keyword, tokens } from './tokens.ts';

/** Whether a CREATE TABLE has a primary key. */
export function hasPrimaryKey(sql: Buffer): boolean {
	let before = '';
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		if (before === 'PRIMARY' && word === 'KEY') return true;
		before = word;
	}
	return false;
}
