import { type Token, keyword, nameOf, tokens } from './tokens.ts';

/** A CREATE TABLE without what is cheaper to make when the rows are there. */
export interface DeferredKeys {
	readonly bare: Buffer;
	/** `ADD KEY …`, in the order of the definition. */
	readonly keys: readonly Buffer[];
	/** `ADD CONSTRAINT … FOREIGN KEY …`. */
	readonly foreignKeys: readonly Buffer[];
}

interface Element {
	readonly start: number;
	readonly end: number;
	readonly words: readonly Token[];
}

/**
 * Takes plain secondary keys and foreign keys out of a CREATE TABLE: building a key over all rows at once
 * costs a third of keeping it up row by row. Primary and unique keys stay, as do FULLTEXT and SPATIAL
 * ones, and the key that an AUTO_INCREMENT column needs. `undefined` when there is nothing to take out,
 * or the statement is not of the usual form. `what`: with `foreignKeys` the other keys stay, too.
 */
export function deferKeys(
	sql: Buffer,
	what: 'all' | 'foreignKeys' = 'all',
): DeferredKeys | undefined {
	const elements = splitElements(sql);
	if (elements === undefined || isSpecial(sql)) return undefined;
	const counter = elements.find(({ words }) =>
		words.some((token) => keyword(sql, token) === 'AUTO_INCREMENT'),
	);
	const [counterName] = counter?.words ?? [];
	const kept: Element[] = [];
	const [keys, foreignKeys]: [Buffer[], Buffer[]] = [[], []];
	for (const element of elements) {
		const kind = kindOf(sql, element, nameOf(sql, counterName));
		const added = Buffer.concat([Buffer.from('ADD '), sql.subarray(element.start, element.end)]);
		if (kind === 'key' && what === 'all') keys.push(added);
		else if (kind === 'foreign') foreignKeys.push(added);
		else kept.push(element);
	}
	const [first, last] = [elements[0], elements.at(-1)];
	if (first === undefined || last === undefined) return undefined;
	if (kept.length === elements.length || kept.length === 0) return undefined;
	const list = kept.flatMap(({ start, end }, index) => [
		...(index === 0 ? [] : [Buffer.from(',\n')]),
		sql.subarray(start, end),
	]);
	const bare = Buffer.concat([
		sql.subarray(0, first.start),
		...list,
		Buffer.from('\n'),
		sql.subarray(last.end),
	]);
	return { bare, keys, foreignKeys };
}

/**
 * Tables that cannot be altered at will (versioned, temporary), and names beyond ASCII, whose encoding is
 * that of the dump's session.
 */
function isSpecial(sql: Buffer): boolean {
	if (sql.some((byte) => byte >= 0x80)) return true;
	for (const token of tokens(sql)) {
		if (/^(VERSIONING|TEMPORARY|LIKE)$/.test(keyword(sql, token))) return true;
	}
	return false;
}

function kindOf(
	sql: Buffer,
	{ words }: Element,
	counter: string | undefined,
): 'key' | 'foreign' | 'other' {
	const [first, second, third] = words;
	const word = keyword(sql, first);
	if (word === 'CONSTRAINT') return keyword(sql, third) === 'FOREIGN' ? 'foreign' : 'other';
	if (word !== 'KEY' && word !== 'INDEX') return 'other';
	// KEY `name` (`column`…
	if (second?.kind !== 'quotedName' || keyword(sql, third) !== '(') return 'other';
	return counter !== undefined && nameOf(sql, words[3]) === counter ? 'other' : 'key';
}

/** What stands between the outer parentheses, at their commas. */
function splitElements(sql: Buffer): readonly Element[] | undefined {
	const elements: Element[] = [];
	let depth = 0;
	let words: Token[] = [];
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		if (depth === 0 && word === 'SELECT') return undefined;
		if (word === ')') depth -= 1;
		if (depth === 0 && word === ')') {
			pushElement(elements, words);
			return elements.length === 0 ? undefined : elements;
		}
		if (depth === 1 && word === ',') {
			pushElement(elements, words);
			words = [];
		} else if (depth > 0) words.push(token);
		if (word === '(') depth += 1;
	}
	return undefined;
}

function pushElement(elements: Element[], words: readonly Token[]): void {
	const [first, last] = [words[0], words.at(-1)];
	if (first === undefined || last === undefined) return;
	elements.push({ start: first.start, end: last.end, words });
}
