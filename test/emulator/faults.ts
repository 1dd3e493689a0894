import { type Draft } from './entity-reader.ts';
import { type Message, unspecific } from './messages.ts';
import type { Request } from './reply.ts';

/** What goes wrong. Times in milliseconds, lengths in characters. */
export type Fault =
	/** The connection ends, the request is not carried out. */
	| { readonly kind: 'cut-before' }
	/** The request is carried out, then the connection ends without an answer. */
	| { readonly kind: 'unanswered' }
	/** The connection ends in the middle of the answer. */
	| { readonly kind: 'cut-inside' }
	/** The next request on the connection finds it cut, as when a server ends an idle one. */
	| { readonly kind: 'cut-after' }
	/** Another status; the request is not carried out. With 401 the token is refused. */
	| { readonly kind: 'status'; readonly status: number; readonly html?: boolean }
	/** That status when the path and query string are longer. */
	| { readonly kind: 'url-limit'; readonly length: number; readonly status: 413 | 414 | 431 }
	| { readonly kind: 'slow'; readonly delay: number }
	| { readonly kind: 'redirect'; readonly location: string }
	/** Status 200 with a web page, as a proxy's login page. The request is not carried out. */
	| { readonly kind: 'html' }
	/** Status 200 with the first half of the document, correct length. */
	| { readonly kind: 'cut-xml' }
	/** Status 200 with nothing. */
	| { readonly kind: 'empty' }
	| { readonly kind: 'changed-etag' }
	/** A page of a query has one entity less; the total stays. */
	| { readonly kind: 'short-page' }
	/** Downloads: another first byte. Documents: another checksum of each File. */
	| { readonly kind: 'wrong-checksum' }
	/** The entity of that name is refused in its batch. */
	| { readonly kind: 'refuse'; readonly name: string; readonly code: number }
	/** The request is carried out, its answer has no ids. */
	| { readonly kind: 'no-ids' }
	/** The session cookie is emptied. */
	| { readonly kind: 'cleared-cookie' }
	/** The first entity of the answer has an id that is no number. */
	| { readonly kind: 'string-id' };

/** Every kind, so that a test can tell whether it tried all of them; the compiler keeps it whole. */
export const FAULT_KINDS = Object.keys({
	...{ 'cut-before': true, unanswered: true, 'cut-inside': true, 'cut-after': true },
	...{ status: true, 'url-limit': true, slow: true, redirect: true, html: true },
	...{ 'cut-xml': true, empty: true, 'changed-etag': true, 'short-page': true },
	...{ 'wrong-checksum': true, refuse: true, 'no-ids': true, 'cleared-cookie': true },
	'string-id': true,
} satisfies Readonly<Record<Fault['kind'], true>>);

/** When it goes wrong: all given conditions together. */
export interface FaultRule {
	readonly fault: Fault;
	readonly method?: string;
	/** Regular expression on the decoded path with query string. */
	readonly path?: string;
	/** How many such requests pass unharmed before; default 0. */
	readonly skip?: number;
	/** How many are harmed then; default 1, 0 is all. */
	readonly times?: number;
}

interface Armed {
	readonly rule: FaultRule;
	seen: number;
}

function decoded(url: string): string {
	try {
		return decodeURIComponent(url);
	} catch {
		return url;
	}
}

/** Failures on purpose, by rule: the official client cannot ask for one with a header of its own. */
export class Faults {
	#armed: Armed[] = [];

	/** Throws a SyntaxError when `path` is no regular expression. */
	add(rule: FaultRule): void {
		new RegExp(rule.path ?? '');
		this.#armed.push({ rule, seen: 0 });
	}

	clear(): void {
		this.#armed = [];
	}

	/** The rules, and how many requests each of them fitted. */
	list(): Array<{ readonly rule: FaultRule; readonly seen: number }> {
		return this.#armed.map(({ rule, seen }) => ({ rule, seen }));
	}

	/** What goes wrong with this request; counts it. */
	of({ method, url }: Pick<Request, 'method' | 'url'>): Fault[] {
		const text = decoded(url);
		return this.#armed.flatMap((armed) => {
			const { rule } = armed;
			if (rule.method !== undefined && rule.method !== method) return [];
			if (rule.path !== undefined && !new RegExp(rule.path).test(text)) return [];
			if (rule.fault.kind === 'url-limit' && url.length <= rule.fault.length) return [];
			const after = armed.seen++ - (rule.skip ?? 0);
			const times = rule.times ?? 1;
			return after >= 0 && (times === 0 || after < times) ? [rule.fault] : [];
		});
	}
}

/** The check that refuses entities by name. */
export function refusal(faults: readonly Fault[]): (draft: Draft) => Message | undefined {
	return ({ name }) => {
		for (const fault of faults) {
			if (fault.kind === 'refuse' && fault.name === name) {
				return { ...unspecific('Refused on purpose.'), code: fault.code };
			}
		}
		return undefined;
	};
}
