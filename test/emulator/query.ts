/** What a query asks for, taken apart. */
export interface Query {
	readonly kind: 'FIND' | 'COUNT' | 'SELECT';
	/** Of a SELECT, e.g. `['name', 'Sample.weight']`. */
	readonly selectors: readonly string[];
	readonly anyVersion: boolean;
	/** Upper case; null when the query has none. */
	readonly role: string | null;
	readonly target: Pattern | null;
	readonly filter: Filter | null;
}

/** A name or an id; `matches` is set when it has wildcards or is a regular expression. */
export interface Pattern {
	readonly text: string;
	readonly matches: RegExp | null;
}

export type Filter =
	| { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] }
	| { readonly kind: 'not'; readonly term: Filter }
	| {
			readonly kind: 'compare';
			readonly property: Pattern;
			readonly operator: Operator | null;
			readonly value: Pattern | null;
	  }
	| {
			readonly kind: 'references';
			readonly property: Pattern | null;
			readonly target: Pattern | null;
	  }
	| { readonly kind: 'referenced'; readonly by: Pattern | null; readonly property: Pattern | null }
	| { readonly kind: 'stored'; readonly path: string }
	| {
			readonly kind: 'transaction';
			readonly action: 'INSERTED' | 'UPDATED';
			readonly by: string | null;
			readonly time: TimeFilter | null;
	  };

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'IN';
export interface TimeFilter {
	readonly relation: 'ON' | 'BEFORE' | 'AFTER' | 'SINCE' | 'UNTIL';
	readonly date: string;
}
