import { QuerySyntaxError, type Token, toPattern, tokens } from './query-tokens.ts';
import type { Filter, Operator, Pattern, Query, TimeFilter } from './query.ts';

const ROLES = ['RECORDTYPE', 'RECORD', 'PROPERTY', 'FILE', 'QUERYTEMPLATE', 'ENTITY'];
const OPERATORS = ['=', '!=', '<>', '<', '<=', '>', '>=', '->'];
/** What may follow the name of a property. */
const NAME_ENDS = ['LIKE', 'IN', 'IS', 'AND', 'OR', ')', 'REFERENCES', 'REFERENCE'];
const FILTER_WORDS = ['WITH', 'WHICH', 'THAT', 'WHERE', 'HAVING', 'HAS', '.'];

function plural(role: string): string {
	return role.endsWith('Y') ? role.replace(/Y$/, 'IES') : `${role}S`;
}

class Parser {
	readonly #tokens: readonly Token[];
	#at = 0;

	constructor(text: string) {
		this.#tokens = tokens(text);
	}

	query(): Query {
		const kind = this.#oneOf(['FIND', 'COUNT', 'SELECT']);
		if (kind === undefined) this.#fail('a query begins with FIND, COUNT or SELECT');
		const selectors = kind === 'SELECT' ? this.#selectors() : [];
		const anyVersion = this.#words('ANY', 'VERSION', 'OF');
		const role =
			this.#oneOf([...ROLES, ...ROLES.map(plural)])
				?.replace(/IES$/, 'Y')
				.replace(/S$/, '') ?? null;
		const target = this.#isFilterStart() || this.#isEnd() ? null : this.#pattern();
		const filter = this.#isEnd() ? null : this.#filter();
		if (!this.#isEnd()) this.#fail('there is more than a query');
		if (role === null && target === null) this.#fail('a query names a role or an entity');
		return { kind: kind as Query['kind'], selectors, anyVersion, role, target, filter };
	}

	#filter(): Filter {
		if (!this.#isFilterStart()) this.#fail('a filter begins with WITH, WHICH, THAT or a dot');
		while (this.#oneOf(FILTER_WORDS) !== undefined);
		return this.#disjunction();
	}

	#disjunction(): Filter {
		const terms = [this.#conjunction()];
		while (this.#oneOf(['OR']) !== undefined) terms.push(this.#conjunction());
		return terms.length === 1 && terms[0] !== undefined ? terms[0] : { kind: 'or', terms };
	}

	#conjunction(): Filter {
		const terms = [this.#term()];
		while (this.#oneOf(['AND']) !== undefined) terms.push(this.#term());
		return terms.length === 1 && terms[0] !== undefined ? terms[0] : { kind: 'and', terms };
	}

	#term(): Filter {
		const fillers = [...FILTER_WORDS, 'IS', 'WAS', 'DOES'];
		while (this.#oneOf(fillers) !== undefined || this.#isFiller());
		if (this.#oneOf(['NOT', "DOESN'T"]) !== undefined) return { kind: 'not', term: this.#term() };
		if (this.#oneOf(['(']) !== undefined) {
			const inner = this.#disjunction();
			if (this.#oneOf([')']) === undefined) this.#fail('a bracket is not closed');
			return inner;
		}
		if (this.#words('STORED', 'AT')) return { kind: 'stored', path: this.#path() };
		if (this.#words('REFERENCED', 'BY')) return this.#referenced();
		if (this.#words('REFERENCED')) return { kind: 'referenced', by: null, property: null };
		if (this.#isReferenceWord()) return this.#references(null);
		const action = this.#oneOf(['INSERTED', 'CREATED', 'UPDATED']);
		if (action !== undefined) return this.#transaction(action === 'UPDATED' ? action : 'INSERTED');
		return this.#comparison();
	}

	/** `A PROPERTY` before a name; alone they are names themselves. Goes on behind the word. */
	#isFiller(): boolean {
		if (!this.#peek(['A', 'AN', 'PROPERTY'])) return false;
		const isLast = this.#at + 1 >= this.#tokens.length;
		if (isLast || this.#peek([...OPERATORS, ...NAME_ENDS], 1)) return false;
		this.#at++;
		return true;
	}

	#comparison(): Filter {
		const property = this.#pattern();
		if (this.#isReferenceWord()) return this.#references(property);
		const operator = this.#operator();
		const value = operator === null ? null : this.#pattern();
		return { kind: 'compare', property, operator, value };
	}

	#operator(): Operator | null {
		if (this.#words('IS', 'NOT', 'NULL')) return null;
		const found = this.#oneOf([...OPERATORS, 'LIKE', 'IN']);
		if (found === undefined) return null;
		return (found === '<>' ? '!=' : found) as Operator;
	}

	#isReferenceWord(): boolean {
		const found = this.#oneOf(['->', 'REFERENCES', 'REFERENCE']);
		if (found === undefined) return false;
		this.#oneOf(['TO']);
		return true;
	}

	#references(property: Pattern | null): Filter {
		const isOpen = this.#isEnd() || this.#peek(['AND', 'OR', ')']);
		return { kind: 'references', property, target: isOpen ? null : this.#pattern() };
	}

	#referenced(): Filter {
		const by = this.#pattern();
		const property = this.#words('AS') ? this.#pattern() : null;
		return { kind: 'referenced', by, property };
	}

	#transaction(action: 'INSERTED' | 'UPDATED'): Filter {
		let by: string | null = null;
		let time: TimeFilter | null = null;
		for (;;) {
			if (this.#words('BY', 'SOMEONE', 'ELSE')) by = '!';
			else if (this.#words('BY', 'ME')) by = '';
			else if (this.#words('BY')) by = this.#pattern().text;
			else if (this.#words('TODAY')) {
				time = { relation: 'ON', date: new Date().toISOString().slice(0, 10) };
			} else {
				const word = this.#oneOf(['ON', 'IN', 'AT', 'BEFORE', 'AFTER', 'SINCE', 'UNTIL']);
				if (word === undefined) return { kind: 'transaction', action, by, time };
				const relation = ['ON', 'IN', 'AT'].includes(word) ? 'ON' : word;
				time = { relation: relation as TimeFilter['relation'], date: this.#pattern().text };
			}
		}
	}

	#selectors(): string[] {
		const selectors: string[] = [];
		let current: string[] = [];
		for (;;) {
			const token = this.#next();
			const isEnd = token.quote === null && token.text.toUpperCase() === 'FROM';
			if (isEnd || (token.quote === null && token.text === ',')) {
				selectors.push(current.join(' '));
				current = [];
			} else current.push(token.text);
			if (isEnd) return selectors;
		}
	}

	#path(): string {
		return this.#next().text;
	}

	#pattern(): Pattern {
		const token = this.#next();
		if (token.quote === null && (/^[(),]$/.test(token.text) || OPERATORS.includes(token.text))) {
			this.#fail(`"${token.text}" is not expected`);
		}
		return toPattern(token);
	}

	#next(): Token {
		const token = this.#tokens[this.#at];
		if (token === undefined) this.#fail('the query ends too early');
		this.#at++;
		return token;
	}

	#isEnd(): boolean {
		return this.#at >= this.#tokens.length;
	}

	#isFilterStart(): boolean {
		return this.#peek(FILTER_WORDS);
	}

	#peek(words: readonly string[], offset = 0): boolean {
		const token = this.#tokens[this.#at + offset];
		return token?.quote === null && words.includes(token.text.toUpperCase());
	}

	/** The next word in capitals if it is one of these; goes on behind it then. */
	#oneOf(words: readonly string[]): string | undefined {
		if (!this.#peek(words)) return undefined;
		return this.#next().text.toUpperCase();
	}

	/** Whether exactly these words follow; goes on behind them then. */
	#words(...words: string[]): boolean {
		if (!words.every((word, index) => this.#peek([word], index))) return false;
		this.#at += words.length;
		return true;
	}

	#fail(what: string): never {
		throw new QuerySyntaxError(`The query cannot be read: ${what}.`);
	}
}

/** Takes a query apart. Throws QuerySyntaxError. */
export function parseQuery(text: string): Query {
	return new Parser(text).query();
}
