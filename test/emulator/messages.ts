import { type XmlElement, element } from './xml-node.ts';

export interface Message {
	readonly kind: 'Error' | 'Warning' | 'Info';
	readonly code: number;
	readonly description: string;
}

function error(code: number, description: string): Message {
	return { kind: 'Error', code, description };
}

/*
 * Numbers 10, 101, 110, 114, 116, 152 and 403 are those that the official client knows, 12 stands in its
 * tests. 0 is the unspecific one. 128, 145, 192 and 235 are not confirmed by any source at hand.
 */
export const MESSAGES = {
	deleted: { kind: 'Info', code: 10, description: 'This entity has been deleted successfully.' },
	unchanged: { kind: 'Info', code: 0, description: 'Nothing to be updated.' },
	notQualified: error(
		12,
		'One or more entities are not qualified. None of them have been inserted/updated/deleted.',
	),
	doesNotExist: error(101, 'Entity does not exist.'),
	noDatatype: error(110, 'Property has no data type.'),
	unqualifiedProperties: error(114, 'Entity has unqualified properties.'),
	unqualifiedParents: error(116, 'Entity has unqualified parents.'),
	strictWarning: error(128, 'A warning occurred while processing an entity with the strict flag.'),
	wrongReference: error(145, 'The referenced entity is not a child of the data type.'),
	nameNotUnique: error(
		152,
		'Name is already in use. Choose a different name or reuse an existing entity.',
	),
	required: error(192, 'Entity is required by other entities which are not to be deleted.'),
	missingReference: error(235, 'The referenced entity does not exist.'),
	forbidden: error(403, 'You are not allowed to do this.'),
	ambiguous: error(0, 'The name belongs to several entities.'),
	noParents: { kind: 'Warning', code: 0, description: 'Entity has no parents.' },
} as const satisfies Record<string, Message>;

export function unspecific(description: string): Message {
	return error(0, description);
}

export function warning(description: string): Message {
	return { kind: 'Warning', code: 0, description };
}

export function messageElement({ kind, code, description }: Message): XmlElement {
	return element(kind, { code, description });
}
