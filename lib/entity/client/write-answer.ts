import { entityLabel, isTemporaryId } from '../entity-id.ts';
import type { AppliedProperty, Entity, Message } from '../model.ts';
import { messageLine, outcomeUnknown, refused } from './answer-errors.ts';
import { EngineError } from '../../core/index.ts';
import { type Answer, errorsOf } from './read-answer.ts';

/** A refused write: what the server says about one of the entities sent. */
export interface Refusal {
	/** Index among the entities sent; undefined when it is about the whole. */
	readonly index: number | undefined;
	readonly message: Message;
}

export type WriteResult =
	/** What the server says of each, see `parseOutcome`, in the order sent; every one has its id. */
	| {
			readonly kind: 'done';
			readonly entities: readonly Entity[];
			readonly messages: readonly Message[];
	  }
	/** Nothing was changed. */
	| { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

function propertyErrors(property: AppliedProperty): Message[] {
	return [...errorsOf(property.messages), ...property.properties.flatMap(propertyErrors)];
}

/** Errors on the entity, its parents and its properties: what is inside says more than the entity's own. */
export function entityErrors({ messages, parents, properties }: Entity): Message[] {
	return [
		...parents.flatMap((parent) => errorsOf(parent.messages)),
		...properties.flatMap(propertyErrors),
		...errorsOf(messages),
	];
}

/** Which sent entity an answered one is, by its mark; `index` where the server repeats no marks. */
function placeOf(answered: Entity, cuids: ReadonlyMap<string, number>): number | undefined {
	return answered.cuid === null ? undefined : cuids.get(answered.cuid);
}

function refusalsOf(answer: Answer, cuids: ReadonlyMap<string, number>): Refusal[] {
	const ofEntities = answer.entities.flatMap((entity) =>
		entityErrors(entity).map((message) => ({ index: placeOf(entity, cuids), message })),
	);
	const ofAll = errorsOf(answer.messages).map((message) => ({ index: undefined, message }));
	return [...ofEntities, ...ofAll];
}

/**
 * What became of a write: every entity sent must come back with an id of the server. `cuids` gives the place of
 * each entity by the mark it was sent with. Throws `server_outcome_unknown` for an answer without them.
 */
export function writeResult(
	answer: Answer,
	cuids: ReadonlyMap<string, number>,
	what: string,
): WriteResult {
	const refusals = refusalsOf(answer, cuids);
	if (refusals.length > 0) return { kind: 'refused', refusals };
	const entities: Entity[] = [];
	for (const entity of answer.entities) {
		const place = placeOf(entity, cuids);
		if (place !== undefined) entities[place] = entity;
	}
	for (let index = 0; index < cuids.size; index++) {
		const id = entities[index]?.id ?? null;
		if (id !== null && !isTemporaryId(id)) continue;
		throw outcomeUnknown(
			what,
			new EngineError('server_answer_invalid', 'the answer does not have an id for every entity', {
				details: { sent: cuids.size, answered: answer.entities.length },
			}),
		);
	}
	return { kind: 'done', entities, messages: answer.messages };
}

/** The refusals as one error that names the first entity. */
export function refusalError(
	sent: readonly Entity[],
	refusals: readonly Refusal[],
	what: string,
): EngineError {
	const found = refusals.find(({ index }) => index !== undefined) ?? refusals[0];
	const entity = found?.index === undefined ? undefined : sent[found.index];
	if (found === undefined || entity === undefined) {
		return refused(
			what,
			refusals.map(({ message }) => message),
		);
	}
	return new EngineError(
		'server_refused',
		`The CaosDB server refused ${what} because of ${entityLabel(entity)}: ${messageLine(found.message)}`,
		{
			remedy: 'Nothing of this request was changed. Correct what the server names.',
			details: { code: found.message.code ?? '', refusals: refusals.length },
		},
	);
}
