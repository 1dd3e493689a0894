import { EngineError } from '../../core/index.ts';
import { splitReference } from '../datatypes.ts';
import { entityLabel } from '../entity-id.ts';
import type { Entity } from '../model.ts';
import { TooLongError, cutAnswer, refused } from './answer-errors.ts';
import { demandIds, errorsOf } from './read-answer.ts';
import type { Requests } from './requests.ts';
import { encodeSegment, entityPath } from './url-path.ts';

/** Characters of an address that servers and proxies take without a doubt. */
const PATH_LIMIT = 4000;
const KEYS_LIMIT = 400;
/** Keys of the first batch; later ones follow the size of the answers. */
export const FIRST_BATCH = 100;
const TARGET_BYTES = 4 * 1024 * 1024;
/** The server's code for an entity that is not there. */
const DOES_NOT_EXIST = '101';
const PLAIN_NUMBER = /^\d+$/;

export interface Retrieved {
	readonly entities: readonly Entity[];
	/** Keys that the server does not know, in the order asked. */
	readonly missing: readonly string[];
	/** Of the answers. */
	readonly bytes: number;
}

/** The next keys that fit one address, `limit` at most. */
export function nextBatch(keys: readonly string[], at: number, limit: number): string[] {
	const batch: string[] = [];
	let length = 0;
	for (let next = at; next < keys.length && batch.length < limit; next++) {
		const key = keys[next] ?? '';
		length += encodeSegment(key).length + '%26'.length;
		if (batch.length > 0 && length > PATH_LIMIT) break;
		batch.push(key);
	}
	return batch;
}

/** How many keys may be asked for next, by the size of what came. */
export function batchLimit({ entities, bytes }: Retrieved): number {
	const perEntity = bytes / Math.max(1, entities.length);
	return Math.max(1, Math.min(KEYS_LIMIT, Math.floor(TARGET_BYTES / Math.max(1, perEntity))));
}

function isMissing({ messages }: Entity): boolean {
	return messages.some(({ kind, code }) => kind === 'Error' && code === DOES_NOT_EXIST);
}

function keyOf({ id, name }: Entity): string {
	return id ?? name ?? '';
}

/** Throws `server_refused` for an entity that the server does not show. */
function checkShown(entity: Entity): void {
	const errors = errorsOf(entity.messages);
	if (errors.length > 0) throw refused(`to show ${entityLabel(entity)}`, errors);
}

/**
 * One batch of ids (maybe `id@version`) or names; halved when the server finds it too long. Throws
 * `server_refused`, and a single key that is too long is an error.
 */
export async function retrieveBatch(
	requests: Requests,
	keys: readonly string[],
	flags: Readonly<Record<string, string>>,
): Promise<Retrieved> {
	if (keys.length === 0) return { entities: [], missing: [], bytes: 0 };
	const what =
		keys.length === 1 ? 'the request for one entity' : `the request for ${keys.length} entities`;
	const call = { method: 'GET', path: entityPath(keys, flags), what } as const;
	try {
		return await requests.run(call, async (response) => {
			const answer = await requests.answer(response, what, { isDivisible: keys.length > 1 });
			const errors = errorsOf(answer.messages);
			const missing = answer.entities.filter(isMissing);
			if (errors.length > 0 && missing.length === 0) throw refused(what, errors);
			const entities = answer.entities.filter((entity) => !isMissing(entity));
			entities.forEach(checkShown);
			if (answer.entities.length < keys.length) throw tooFew(what, answer.entities.length);
			demandIds(entities, `The answer to ${what}`);
			demandKeys(keys, answer.entities, what);
			return { entities, missing: missing.map(keyOf), bytes: answer.bytes };
		});
	} catch (error) {
		if (!(error instanceof TooLongError) || keys.length === 1) throw error;
		const middle = Math.ceil(keys.length / 2);
		const first = await retrieveBatch(requests, keys.slice(0, middle), flags);
		const second = await retrieveBatch(requests, keys.slice(middle), flags);
		return {
			entities: [...first.entities, ...second.entities],
			missing: [...first.missing, ...second.missing],
			bytes: first.bytes + second.bytes,
		};
	}
}

/** By a number only an id can be meant, and the answer must say which entity has it. */
function demandKeys(keys: readonly string[], answered: readonly Entity[], what: string): void {
	const ids = new Set(answered.map(({ id }) => id));
	const names = new Set(answered.map(({ name }) => name));
	const other = keys.find((key) => {
		const { id } = splitReference(key);
		return PLAIN_NUMBER.test(id) && !ids.has(id) && !ids.has(key) && !names.has(key);
	});
	if (other === undefined) return;
	const wrong = `${other} was asked for and did not come`;
	throw cutAnswer(`The answer to ${what}`, new EngineError('server_answer_invalid', wrong));
}

function tooFew(what: string, count: number): EngineError {
	return new EngineError('server_answer_invalid', `${what} was answered with ${count} entities`, {
		remedy: 'The answer is cut. Look for a proxy with limits between here and the server.',
		details: { entities: count },
	});
}
