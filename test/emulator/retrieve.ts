import { type AnswerOptions, entityElement } from './entity-answer.ts';
import { MESSAGES, messageElement } from './messages.ts';
import type { Entity } from './model.ts';
import { parseQuery } from './query-parser.ts';
import { runQuery } from './query-run.ts';
import { QuerySyntaxError } from './query-tokens.ts';
import type { Query } from './query.ts';
import { type Reply, type Request, documentReply, responseRoot } from './reply.ts';
import { selecting, selectionElement } from './selection.ts';
import type { ServerState } from './server-state.ts';
import { mayTouch } from './transactions.ts';
import { versionOf } from './versions.ts';
import { type XmlElement, element } from './xml-node.ts';

function answerOptions({ actor, flags }: Request): AnswerOptions {
	return { actor, withAcl: flags.has('ACL'), withHistory: flags.has('H') };
}

/** An element for what cannot be shown: with the key that was asked for and an error. */
function refusal(key: string, message: keyof typeof MESSAGES): XmlElement {
	const isId = /^-?\d+(@.*)?$|^[0-9a-f-]{36}(@.*)?$/.test(key);
	const [id] = key.split('@');
	return element('Entity', isId ? { id } : { name: key }, [messageElement(MESSAGES[message])]);
}

function show(entity: Entity, key: string, state: ServerState, request: Request): XmlElement {
	const { actor } = request;
	if (!mayTouch(state, entity, { actor, permission: 'RETRIEVE:ENTITY' })) {
		return refusal(key, 'forbidden');
	}
	return entityElement(entity, state, answerOptions(request));
}

/** Entities by id, `id@version` or name, in the order asked; a name may give several. */
export function retrieve(keys: readonly string[], state: ServerState, request: Request): Reply {
	const elements = keys.flatMap((key) => {
		const byId = versionOf(state.store, key);
		const found = byId === undefined ? state.store.named(key) : [byId];
		if (found.length === 0) return [refusal(key, 'doesNotExist')];
		return found.map((entity) => show(entity, key, state, request));
	});
	return documentReply(responseRoot(request.actor, elements, { count: elements.length }));
}

/** `P=<index>L<length>`; without a length all that follow. */
function page<T>(all: readonly T[], flag: string | undefined): readonly T[] {
	const found = /^(\d+)(?:L(\d+))?$/.exec(flag ?? '');
	if (found === null) return all;
	const start = Number(found[1]);
	return all.slice(start, found[2] === undefined ? undefined : start + Number(found[2]));
}

/** Answers queries and remembers which ones it has answered since the last change. */
export class QueryEngine {
	readonly #state: ServerState;
	#found = new Map<string, readonly Entity[]>();
	#revision = -1;

	constructor(state: ServerState) {
		this.#state = state;
	}

	answer(text: string, request: Request): Reply {
		const { actor, flags } = request;
		let query: Query;
		try {
			query = parseQuery(text);
		} catch (error) {
			if (!(error instanceof QuerySyntaxError)) throw error;
			const told = element('Error', { code: 0, description: error.message });
			const asked = element('Query', { string: text, results: 0, cached: 'false' }, [told]);
			return documentReply(responseRoot(actor, [asked], { count: 0 }));
		}
		const { all, isCached } = this.#search(text, query, request);
		const shown = query.kind === 'COUNT' ? [] : page(all, flags.get('P'));
		const options = answerOptions(request);
		const { kind, selectors } = query;
		const show =
			kind === 'SELECT'
				? selecting(selectors, this.#state, options)
				: (entity: Entity): XmlElement => entityElement(entity, this.#state, options);
		const elements = shown.map(show);
		const asked = element(
			'Query',
			{ string: text, results: all.length, cached: String(isCached), etag: this.#etag() },
			[
				element('ParseTree'),
				element('Role', {}, query.role === null ? [] : [query.role]),
				element('Entity', {}, query.target === null ? [] : [query.target.text]),
				...(kind === 'SELECT' ? [selectionElement(selectors)] : []),
			],
		);
		return documentReply(responseRoot(actor, [asked, ...elements], { count: elements.length }));
	}

	#etag(): string {
		return `r${this.#state.store.revision}`;
	}

	#search(
		text: string,
		query: Query,
		{ actor, flags }: Request,
	): { all: readonly Entity[]; isCached: boolean } {
		const { store } = this.#state;
		if (this.#revision !== store.revision) {
			this.#found = new Map();
			this.#revision = store.revision;
		}
		const key = `${actor.realm}/${actor.username}\n${text}`;
		const known = flags.get('cache') === 'false' ? undefined : this.#found.get(key);
		if (known !== undefined) return { all: known, isCached: true };
		const permission = 'RETRIEVE:ENTITY';
		const all = runQuery(query, this.#state, actor).filter((entity) =>
			mayTouch(this.#state, entity, { actor, permission }),
		);
		this.#found.set(key, all);
		return { all, isCached: false };
	}
}
