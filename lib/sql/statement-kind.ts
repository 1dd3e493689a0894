import { type Token, keyword, nameOf, tokens } from './tokens.ts';

export type ObjectKind =
	| 'table'
	| 'view'
	| 'function'
	| 'procedure'
	| 'package'
	| 'package body'
	| 'trigger'
	| 'event'
	| 'sequence'
	| 'database';

/** What a statement of a dump does, as far as loading and counting need to know. */
export type StatementKind =
	| {
			readonly verb: 'create' | 'drop' | 'alter';
			readonly object: ObjectKind;
			readonly names: readonly ObjectName[];
	  }
	| {
			readonly verb: 'insert';
			readonly table: ObjectName;
			/** True for INSERT with a list of rows only: then the rows can be counted. */
			readonly plain: boolean;
			readonly hasColumnList: boolean;
	  }
	| { readonly verb: 'set'; readonly variables: readonly string[] }
	| { readonly verb: 'use'; readonly name: string | undefined }
	/**
	 * LOCK TABLES, UNLOCK TABLES: nobody else is in the database that is loaded. ALTER TABLE … DISABLE and
	 * ENABLE KEYS: a matter of speed, and plain keys come last in any case.
	 */
	| { readonly verb: 'lock' }
	/** COMMIT, START TRANSACTION, DO SETVAL, SELECT SETVAL. */
	| { readonly verb: 'harmless' }
	/** Nothing but executable comments that run nowhere. */
	| { readonly verb: 'empty' }
	| { readonly verb: 'other'; readonly word: string };

export interface ObjectName {
	/** Absent for a bare ALTER DATABASE. */
	readonly name: string | undefined;
	readonly database: string | undefined;
}

const OBJECTS: Readonly<Record<string, ObjectKind>> = {
	TABLE: 'table',
	VIEW: 'view',
	FUNCTION: 'function',
	PROCEDURE: 'procedure',
	PACKAGE: 'package',
	TRIGGER: 'trigger',
	EVENT: 'event',
	SEQUENCE: 'sequence',
	DATABASE: 'database',
	SCHEMA: 'database',
};

/** What may stand between the verb and the kind of object, beside names and texts. */
const BETWEEN = new Set(
	'OR REPLACE TEMPORARY ALGORITHM = UNDEFINED MERGE TEMPTABLE DEFINER @ CURRENT_USER ( ) SQL SECURITY INVOKER AGGREGATE IGNORE'.split(
		' ',
	),
);
const HARMLESS = new Set(['COMMIT', 'START', 'BEGIN', 'DO', 'SELECT']);
const BARE_ALTER = new Set(['CHARACTER', 'DEFAULT', 'CHARSET', 'COLLATE', 'COMMENT', 'ENCRYPTION']);

/** Reads the tokens of one statement one after the other. */
class Reader {
	readonly #sql: Buffer;
	readonly #tokens: Generator<Token>;
	token: Token | undefined;

	constructor(sql: Buffer) {
		this.#sql = sql;
		this.#tokens = tokens(sql);
		this.next();
	}

	next(): void {
		const { value, done } = this.#tokens.next();
		this.token = done === true ? undefined : value;
	}

	word(): string {
		return keyword(this.#sql, this.token);
	}

	skipWords(...words: readonly string[]): void {
		while (words.includes(this.word())) this.next();
	}

	/** `name` or `database`.`name`. */
	objectName(): ObjectName {
		const first = nameOf(this.#sql, this.token);
		this.next();
		if (this.word() !== '.') return { name: first, database: undefined };
		this.next();
		const second = nameOf(this.#sql, this.token);
		this.next();
		return { name: second, database: first };
	}
}

export function statementKind(sql: Buffer): StatementKind {
	const reader = new Reader(sql);
	if (reader.token === undefined) return { verb: 'empty' };
	const word = reader.word();
	reader.next();
	if (word === 'CREATE' || word === 'DROP' || word === 'ALTER') {
		return objectStatement(
			reader,
			word === 'CREATE' ? 'create' : word === 'DROP' ? 'drop' : 'alter',
		);
	}
	if (word === 'INSERT' || word === 'REPLACE') return insertStatement(reader, word);
	if (word === 'SET') return { verb: 'set', variables: assignedVariables(sql) };
	if (word === 'USE') return { verb: 'use', name: nameOf(sql, reader.token) };
	if (word === 'LOCK' || word === 'UNLOCK') return { verb: 'lock' };
	if (word === 'SELECT' && writesFile(sql)) return { verb: 'other', word: 'SELECT INTO' };
	return HARMLESS.has(word) ? { verb: 'harmless' } : { verb: 'other', word };
}

/** SELECT … INTO OUTFILE would write on the server's disk. */
function writesFile(sql: Buffer): boolean {
	for (const token of tokens(sql)) if (keyword(sql, token) === 'INTO') return true;
	return false;
}

function objectStatement(reader: Reader, verb: 'create' | 'drop' | 'alter'): StatementKind {
	let object: ObjectKind | undefined;
	let before = '';
	while (object === undefined && reader.token !== undefined) {
		const word = reader.word();
		// The parts of an account may be bare words: DEFINER=root@localhost.
		const account = before === '=' || before === '@';
		if (!account) object = OBJECTS[word];
		if (!account && object === undefined && word !== '' && !BETWEEN.has(word)) break;
		before = word;
		reader.next();
	}
	if (object === undefined) return { verb: 'other', word: verb.toUpperCase() };
	if (object === 'database' && verb === 'alter' && BARE_ALTER.has(reader.word())) {
		return { verb, object, names: [{ name: undefined, database: undefined }] };
	}
	if (object === 'package' && reader.word() === 'BODY') {
		object = 'package body';
		reader.next();
	}
	reader.skipWords('IF', 'NOT', 'EXISTS');
	const names = [reader.objectName()];
	while (verb === 'drop' && reader.word() === ',') {
		reader.next();
		names.push(reader.objectName());
	}
	if (verb === 'alter' && /^(DISABLE|ENABLE)$/.test(reader.word())) {
		reader.next();
		if (reader.word() === 'KEYS') return { verb: 'lock' };
	}
	return { verb, object, names };
}

function insertStatement(reader: Reader, word: string): StatementKind {
	const ignore = reader.word() === 'IGNORE';
	reader.skipWords('LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY', 'IGNORE', 'INTO');
	const table = reader.objectName();
	const hasColumnList = reader.word() === '(';
	while (hasColumnList && reader.token !== undefined && reader.word() !== ')') reader.next();
	if (hasColumnList) reader.next();
	const plain = word === 'INSERT' && !ignore && /^VALUES?$/.test(reader.word());
	return { verb: 'insert', table, plain, hasColumnList };
}

/** What stands left of each `=` or `:=` of a SET statement, in upper case, joined, e.g. `@@GLOBAL.GTID_PURGED`. */
function assignedVariables(sql: Buffer): readonly string[] {
	const variables: string[] = [];
	let words: string[] = [];
	let assigning = false;
	let depth = 0;
	for (const token of tokens(sql)) {
		const text = token.kind === 'word' || token.kind === 'punctuation' ? keyword(sql, token) : '';
		if (text === '(') depth += 1;
		else if (text === ')') depth -= 1;
		else if (text === '=' && !assigning) {
			variables.push(words.join('').replace(/^SET/, '').replace(/:$/, ''));
			assigning = true;
		} else if (text === ',' && depth === 0) {
			words = [];
			assigning = false;
		}
		if (!assigning && text !== ',') words.push(text);
	}
	return variables.length > 0 ? variables : [words.join('').replace(/^SET/, '')];
}
