import { EngineError } from '../../core/index.ts';
import type { Entity } from '../model.ts';
import { TooLongError, cutAnswer, refused } from './answer-errors.ts';
import { type Answer, demandIds, errorsOf, messagesIn, otherNamed } from './read-answer.ts';
import type { Requests } from './requests.ts';
import { queryString } from './url-path.ts';

/** Entities of the first page; later ones follow their size. */
const FIRST_LENGTH = 200;
const LONGEST_PAGE = 500;
/** What a page should have: large enough that a request costs little, small enough for memory. */
const TARGET_BYTES = 1024 * 1024;
const GROWTH = 4;

export interface QueryOptions {
	/** Further flags, e.g. `{ ACL: '' }`. */
	readonly flags?: Readonly<Record<string, string>>;
	/** Entities per page; default follows their size. */
	readonly pageLength?: number;
}

export interface QueryPage {
	readonly entities: readonly Entity[];
	/** Where the page begins among all. */
	readonly index: number;
	readonly total: number;
	readonly etag: string | null;
	readonly bytes: number;
}

interface QueryHead {
	readonly total: number;
	readonly etag: string | null;
}

function invalid(reason: string): EngineError {
	return new EngineError('server_answer_invalid', `The answer to the query ${reason}`, {
		remedy: 'Check the base URL, and that it leads to a CaosDB server.',
	});
}

/** What `Query` says; throws `server_refused` for a query that the server cannot carry out. */
export function queryHead(answer: Answer, what: string): QueryHead {
	const query = otherNamed(answer, 'Query');
	const errors = [
		...errorsOf(answer.messages),
		...(query === undefined ? [] : errorsOf(messagesIn(query))),
	];
	if (errors.length > 0) throw refused(what, errors);
	const results = query?.attributes['results'];
	if (results === undefined || !/^\d+$/.test(results))
		throw invalid('does not say how many there are');
	return { total: Number(results), etag: query?.attributes['etag'] ?? null };
}

function changed(reason: string): EngineError {
	return new EngineError(
		'server_changed',
		`The server changed while the query was read: ${reason}`,
		{
			remedy: 'Run again when nobody writes, so that the result is of one moment.',
		},
	);
}

function nextLength(length: number, page: QueryPage): number {
	const perEntity = page.bytes / Math.max(1, page.entities.length);
	const wanted = Math.floor(TARGET_BYTES / Math.max(1, perEntity));
	return Math.max(1, Math.min(wanted, length * GROWTH, LONGEST_PAGE));
}

/** Pages of one query, each of which must fit the first. */
export class QueryPages {
	readonly #requests: Requests;
	readonly #text: string;
	readonly #options: QueryOptions;
	#first: QueryHead | undefined;

	constructor(requests: Requests, text: string, options: QueryOptions) {
		this.#requests = requests;
		this.#text = text;
		this.#options = options;
	}

	/**
	 * All pages, the next one fetched while its reader is at the last. Throws `server_refused`,
	 * `server_changed` when pages do not fit together, and what requests throw.
	 */
	async *read(): AsyncGenerator<QueryPage> {
		let length = this.#options.pageLength ?? FIRST_LENGTH;
		let next: Promise<QueryPage> | undefined = this.#page(0, length);
		while (next !== undefined) {
			const page: QueryPage = await next;
			const index = page.index + page.entities.length;
			if (this.#options.pageLength === undefined) length = nextLength(length, page);
			next = index < page.total ? this.#page(index, length) : undefined;
			next?.catch(() => undefined);
			yield page;
		}
	}

	async #page(index: number, length: number): Promise<QueryPage> {
		const flags = { ...this.#options.flags, query: this.#text, P: `${index}L${length}` };
		const call = { method: 'GET', path: `Entity${queryString(flags)}`, what: 'the query' } as const;
		try {
			return await this.#requests.run(call, async (response) => {
				const answer = await this.#requests.answer(response, 'the query', {
					isDivisible: length > 1,
				});
				return this.#checked(answer, index, length);
			});
		} catch (error) {
			const isAnswer = error instanceof TooLongError && error.details['status'] === 200;
			if (!isAnswer) throw error;
			return await this.#page(index, Math.ceil(length / 8));
		}
	}

	#checked(answer: Answer, index: number, length: number): QueryPage {
		const head = queryHead(answer, 'the query');
		const first = (this.#first ??= head);
		if (head.etag !== first.etag) throw changed('its mark is another one than at the first page');
		if (head.total !== first.total) throw changed(`${first.total} results became ${head.total}`);
		const { entities, bytes } = answer;
		const expected = Math.min(length, head.total - index);
		if (entities.length !== expected) {
			// With the same mark it is the answer that is wrong, and asking again may mend it.
			const short = invalid(`has ${entities.length} entities where ${expected} belong`);
			throw cutAnswer('The query', short);
		}
		const errors = entities.flatMap(({ messages }) => errorsOf(messages));
		if (errors.length > 0) throw refused('an entity of the query', errors);
		demandIds(entities, 'The answer to the query');
		return { entities, index, bytes, ...head };
	}
}
