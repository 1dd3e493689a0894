import { EngineError } from '../core/index.ts';
import { type Token, keyword, nameOf, tokens } from './tokens.ts';

/**
 * Edits of definitions that the server printed, by tokens and positions: a dump must not name the
 * database it came from, or it would read or change that one when it is loaded under another name.
 */
interface Cut {
	readonly start: number;
	readonly end: number;
}

function without(sql: Buffer, cuts: readonly Cut[]): Buffer {
	if (cuts.length === 0) return sql;
	const parts: Buffer[] = [];
	let at = 0;
	for (const cut of cuts) {
		parts.push(sql.subarray(at, cut.start));
		at = cut.end;
	}
	parts.push(sql.subarray(at));
	return Buffer.concat(parts);
}

const SEQUENCE_FUNCTIONS = new Set(['NEXTVAL', 'LASTVAL', 'SETVAL']);

/** MariaDB prints defaults as nextval(`database`.`sequence`): takes the own database out. */
export function withoutSequenceDatabase(sql: Buffer, database: string): Buffer {
	const all = [...tokens(sql)];
	const cuts: Cut[] = [];
	all.forEach((token, index) => {
		const [open, owner, dot, name] = all.slice(index + 1, index + 5);
		if (!SEQUENCE_FUNCTIONS.has(keyword(sql, token)) || keyword(sql, open) !== '(') return;
		if (nameOf(sql, owner) !== database || keyword(sql, dot) !== '.') return;
		if (owner !== undefined && name !== undefined)
			cuts.push({ start: owner.start, end: name.start });
	});
	return without(sql, cuts);
}

/**
 * A trigger is printed as it was typed, so its own name and its table may be qualified: takes the
 * database out of both. The body stays as it is.
 */
export function withoutTriggerDatabase(sql: Buffer, database: string): Buffer {
	const all = [...tokens(sql)];
	const at = all.findIndex((token) => keyword(sql, token) === 'TRIGGER');
	const on = all.findIndex((token, index) => index > at && keyword(sql, token) === 'ON');
	const cuts: Cut[] = [];
	const cut = (index: number) => {
		const [owner, dot, name] = all.slice(index, index + 3);
		if (nameOf(sql, owner) !== database || keyword(sql, dot) !== '.') return;
		if (owner !== undefined && name !== undefined)
			cuts.push({ start: owner.start, end: name.start });
	};
	let name = at + 1;
	while (['IF', 'NOT', 'EXISTS'].includes(keyword(sql, all[name]))) name += 1;
	cut(name);
	cut(on + 1);
	return without(sql, cuts);
}

/**
 * A view that also reads another database, or calls a function by its full name, is printed with the own
 * database before its tables and functions: takes it out. Names are always quoted in this text.
 * Throws `sql_object_unsupported` when a table or alias of the view has the database's name, because
 * then `name`.`x` may be a column.
 */
export function withoutViewDatabase(sql: Buffer, database: string, view: string): Buffer {
	const all = [...tokens(sql)];
	const cuts: Cut[] = [];
	let ambiguous = false;
	all.forEach((token, index) => {
		if (token.kind !== 'quotedName' || nameOf(sql, token) !== database) return;
		const before = keyword(sql, all[index - 1]);
		const [dot, next] = all.slice(index + 1, index + 3);
		if (keyword(sql, dot) === '.' && next !== undefined && before !== '.') {
			cuts.push({ start: token.start, end: next.start });
		} else if (before !== '.' && before !== '@') ambiguous = true;
	});
	if (ambiguous && cuts.length > 0) {
		throw new EngineError(
			'sql_object_unsupported',
			`View ${view} uses the database's name as an alias`,
			{
				remedy: 'Define the view again with another alias.',
				details: { view, database },
			},
		);
	}
	return without(sql, cuts);
}

/** CREATE … becomes CREATE OR REPLACE …. */
export function orReplace(sql: Buffer): Buffer {
	const [create, next] = [...firstTokens(sql, 2)];
	if (keyword(sql, create) !== 'CREATE' || create === undefined) {
		throw new EngineError(
			'internal',
			'The server printed a definition that does not begin with CREATE',
		);
	}
	if (keyword(sql, next) === 'OR') return sql;
	return Buffer.concat([
		sql.subarray(0, create.end),
		Buffer.from(' OR REPLACE'),
		sql.subarray(create.end),
	]);
}

function* firstTokens(sql: Buffer, count: number): Generator<Token> {
	let left = count;
	for (const token of tokens(sql)) {
		if (left === 0) return;
		left -= 1;
		yield token;
	}
}

/** All quoted names in a definition: more than it depends on, never less. */
export function quotedNames(sql: Buffer): ReadonlySet<string> {
	const names = new Set<string>();
	for (const token of tokens(sql)) {
		const name = token.kind === 'quotedName' ? nameOf(sql, token) : undefined;
		if (name !== undefined) names.add(name);
	}
	return names;
}

/**
 * The names that a view reads as tables: quoted names that are neither a column, nor qualified, nor an
 * alias, nor a function. A name that it only mentions elsewhere may be among them, never the other way.
 * For definitions from which `withoutViewDatabase` took the own database.
 */
export function tableReferences(sql: Buffer): ReadonlySet<string> {
	const all = [...tokens(sql)];
	const names = new Set<string>();
	all.forEach((token, index) => {
		const name = token.kind === 'quotedName' ? nameOf(sql, token) : undefined;
		const before = all[index - 1];
		const isAlias = before?.kind === 'quotedName' || [')', 'AS'].includes(keyword(sql, before));
		const isPart =
			keyword(sql, before) === '.' || ['.', '('].includes(keyword(sql, all[index + 1]));
		if (name !== undefined && !isAlias && !isPart) names.add(name);
	});
	return names;
}
