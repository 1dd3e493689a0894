import { entityLabel } from '../entity-id.ts';
import type { Message } from '../model.ts';
import { messageLine } from './answer-errors.ts';
import { type Answer, messagesIn, otherNamed } from './read-answer.ts';

/** What a server says beside its answer: a warning, or an information about the whole. */
export interface Remark {
	readonly message: Message;
	/** The entity it is about, in words; null: the whole answer. */
	readonly about: string | null;
}

/** Warnings on any level and informations on the answer's own; errors are not among them. */
export function remarksOf(answer: Answer): Remark[] {
	const query = otherNamed(answer, 'Query');
	const ofAll = [...answer.messages, ...(query === undefined ? [] : messagesIn(query))];
	const remarks: Remark[] = ofAll
		.filter(({ kind }) => kind !== 'Error')
		.map((message) => ({ message, about: null }));
	for (const entity of answer.entities) {
		for (const message of entity.messages) {
			if (message.kind === 'Warning') remarks.push({ message, about: entityLabel(entity) });
		}
	}
	return remarks;
}

/** A remark as a sentence for a person. */
export function remarkLine({ message, about }: Remark): string {
	return `The server says${about === null ? '' : ` of ${about}`}: ${messageLine(message)}`;
}
