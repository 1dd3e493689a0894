import type { Pattern } from './query.ts';

/** The query is none. */
export class QuerySyntaxError extends Error {}

export interface Token {
	readonly text: string;
	/** Quoted text is never a keyword. */
	readonly quote: string | null;
}

const TOKEN =
	/\s*(?:<<([\s\S]*?)>>|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(->|!=|<>|<=|>=|[=<>(),])|(\.(?=\s))|([^\s"'=<>(),!]+))/y;

/** Takes the text apart. Throws QuerySyntaxError. */
export function tokens(text: string): Token[] {
	const found: Token[] = [];
	TOKEN.lastIndex = 0;
	while (TOKEN.lastIndex < text.trimEnd().length) {
		const match = TOKEN.exec(text);
		if (match === null) throw new QuerySyntaxError('The query cannot be read to its end.');
		const [, regex, double, single, operator, dot, word] = match;
		const quoted = double ?? single;
		if (regex !== undefined) found.push({ text: regex, quote: '<<' });
		else if (quoted !== undefined) found.push({ text: quoted, quote: '"' });
		else found.push({ text: operator ?? dot ?? word ?? '', quote: null });
	}
	return found;
}

function regularExpression(source: string): RegExp {
	try {
		return new RegExp(`^(?:${source})$`, 'i');
	} catch {
		throw new QuerySyntaxError('The query holds a regular expression that is none.');
	}
}

/** `*` is a wildcard unless a backslash stands before it. */
function wildcardPattern(text: string): Pattern {
	const plain = text.replace(/\\(.)/gs, '$1');
	if (!/(?<!\\)(?:\\\\)*\*/.test(text)) return { text: plain, matches: null };
	const source = text.replace(/\\(.)|\*+|([.+?^${}()|[\]/])/gs, (_found, escaped, special) => {
		if (typeof escaped === 'string') return escaped.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
		return typeof special === 'string' ? `\\${special}` : '.*';
	});
	return { text: plain, matches: regularExpression(source) };
}

export function toPattern({ text, quote }: Token): Pattern {
	if (quote === '<<') return { text, matches: regularExpression(text) };
	return wildcardPattern(text);
}
