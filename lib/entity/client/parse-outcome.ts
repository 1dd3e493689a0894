import {
	type AppliedProperty,
	type Entity,
	type Message,
	type Parent,
	newEntity,
	newParent,
	newProperty,
} from '../model.ts';
import { parseMessage, parseVersion, roleOf } from '../parse-entity.ts';
import { isNamed } from '../parse-value.ts';
import { type XmlElement, childElements } from '../xml-element.ts';

/*
 * The answer to a write repeats every entity that was sent. Of each only what tells what became of it is read:
 * that is a third of the work, done for every entity that is written.
 */

function messagesOf(element: XmlElement): Message[] {
	return childElements(element).flatMap((child) => parseMessage(child) ?? []);
}

function parentWith(element: XmlElement): Parent | undefined {
	const messages = messagesOf(element);
	return messages.length === 0 ? undefined : newParent({ ...named(element), messages });
}

/** Messages lie on any level of properties. */
function propertyWith(element: XmlElement): AppliedProperty | undefined {
	if (element.children.length === 0) return undefined;
	const messages = messagesOf(element);
	const properties = childElements(element).flatMap((child) =>
		isNamed(child, 'Property') ? (propertyWith(child) ?? []) : [],
	);
	if (messages.length + properties.length === 0) return undefined;
	return newProperty({ ...named(element), messages, properties });
}

function named({ attributes }: XmlElement): { id: string | null; name: string | null } {
	return { id: attributes['id'] ?? null, name: attributes['name'] ?? null };
}

/**
 * An entity with its id, name, mark, version and messages, and those of its parents and properties that have
 * messages; undefined when the element is no entity.
 */
export function parseOutcome(element: XmlElement): Entity | undefined {
	const role = roleOf(element.name);
	if (role === undefined) return undefined;
	const messages: Message[] = [];
	const parents: Parent[] = [];
	const properties: AppliedProperty[] = [];
	let version: Entity['version'] = null;
	for (const child of element.children) {
		if (typeof child === 'string') continue;
		if (isNamed(child, 'Property')) properties.push(...listOf(propertyWith(child)));
		else if (isNamed(child, 'Parent')) parents.push(...listOf(parentWith(child)));
		else if (isNamed(child, 'Version')) version ??= parseVersion(child);
		else messages.push(...listOf(parseMessage(child)));
	}
	const cuid = element.attributes['cuid'] ?? null;
	return newEntity(role, { ...named(element), cuid, version, messages, parents, properties });
}

function listOf<T>(one: T | undefined): readonly T[] {
	return one === undefined ? [] : [one];
}
