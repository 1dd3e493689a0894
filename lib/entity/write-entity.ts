import { EngineError } from '../core/index.ts';
import { entityLabel } from './entity-id.ts';
import type { AppliedProperty, Entity, Message, Parent, Value, Version } from './model.ts';
import { ForbiddenCharacter, xmlAttribute, xmlElement, xmlText } from './write-xml.ts';
import type { Attributes } from './xml-element.ts';

export interface EntityTextOptions {
	/** Indents elements, never next to text. */
	readonly isPretty: boolean;
	/** Written on a File to link it with its part of a request. */
	readonly upload?: string;
}

const INDENT = '  ';

function attributesOf(attributes: Attributes): string {
	let text = '';
	for (const name in attributes) text += xmlAttribute(name, attributes[name]);
	return text;
}

/** Elements one below the other, or one after the other. */
class Layout {
	readonly #isPretty: boolean;

	constructor(isPretty: boolean) {
		this.#isPretty = isPretty;
	}

	/** `text` is a value that stands before the children: then nothing may be added beside it. */
	element(tag: string, name: string, content: { text: string; children: string[] }, depth: number) {
		const { text, children } = content;
		if (text === '' && children.length === 0) return `${tag}/>`;
		if (!this.#isPretty || text !== '') return `${tag}>${text}${children.join('')}</${name}>`;
		const start = `\n${INDENT.repeat(depth + 1)}`;
		const lines = children.map((child) => start + child).join('');
		return `${tag}>${lines}\n${INDENT.repeat(depth)}</${name}>`;
	}
}

function valueParts(value: Value): { text: string; children: string[] } {
	if (value === null) return { text: '', children: [] };
	if (value === '') return { text: '', children: ['<EmptyString/>'] };
	if (typeof value === 'string') return { text: xmlText(value), children: [] };
	const children = value.map((item) => {
		if (item === null) return '<Value/>';
		return item === '' ? '<Value><EmptyString/></Value>' : `<Value>${xmlText(item)}</Value>`;
	});
	return { text: '', children };
}

function messageText({ kind, code, description, text }: Message): string {
	const tag = `<${kind}${xmlAttribute('code', code)}${xmlAttribute('description', description)}`;
	return text === '' ? `${tag}/>` : `${tag}>${xmlText(text)}</${kind}>`;
}

function versionText(version: Version, name: string): string {
	const { id, date, username, realm, head, completeHistory } = version;
	const tag =
		`<${name}${xmlAttribute('id', id)}${xmlAttribute('date', date)}` +
		`${xmlAttribute('username', username)}${xmlAttribute('realm', realm)}` +
		`${xmlAttribute('head', head)}${xmlAttribute('completeHistory', completeHistory)}`;
	const inner = [
		...version.predecessors.map((near) => versionText(near, 'Predecessor')),
		...version.successors.map((near) => versionText(near, 'Successor')),
	];
	return inner.length === 0 ? `${tag}/>` : `${tag}>${inner.join('')}</${name}>`;
}

class EntityText {
	readonly #layout: Layout;
	readonly #entity: Entity;
	/** Where the writer is, for the error of a character that cannot be written. */
	place = '';

	constructor(entity: Entity, isPretty: boolean) {
		this.#entity = entity;
		this.#layout = new Layout(isPretty);
	}

	parent(parent: Parent, depth: number): string {
		this.place = `, parent '${parent.name ?? parent.id ?? ''}'`;
		const tag =
			`<Parent${xmlAttribute('id', parent.id)}${xmlAttribute('name', parent.name)}` +
			`${xmlAttribute('description', parent.description)}${xmlAttribute('flag', parent.flag)}` +
			attributesOf(parent.attributes);
		const children = [...parent.messages.map(messageText), ...parent.children.map(xmlElement)];
		return this.#layout.element(tag, 'Parent', { text: '', children }, depth);
	}

	property(property: AppliedProperty, depth: number, outer: string): string {
		const place = `${outer}, property '${property.name ?? property.id ?? ''}'`;
		this.place = place;
		const { text, children } = valueParts(property.value);
		const tag =
			`<Property${xmlAttribute('id', property.id)}${xmlAttribute('name', property.name)}` +
			xmlAttribute('description', property.description) +
			`${xmlAttribute('datatype', property.datatype)}${xmlAttribute('unit', property.unit)}` +
			`${xmlAttribute('importance', property.importance)}${xmlAttribute('flag', property.flag)}` +
			attributesOf(property.attributes);
		if (property.messages.length > 0) children.push(...property.messages.map(messageText));
		for (const inner of property.properties) {
			children.push(this.property(inner, depth + 1, place));
		}
		if (property.children.length > 0) children.push(...property.children.map(xmlElement));
		return this.#layout.element(tag, 'Property', { text, children }, depth);
	}

	entity(upload: string | undefined): string {
		const entity = this.#entity;
		const { text, children } = valueParts(entity.value);
		if (entity.version !== null) children.push(versionText(entity.version, 'Version'));
		children.push(...entity.messages.map(messageText));
		for (const parent of entity.parents) children.push(this.parent(parent, 2));
		for (const property of entity.properties) children.push(this.property(property, 2, ''));
		this.place = '';
		if (entity.query !== null) children.push(`<Query>${xmlText(entity.query)}</Query>`);
		if (entity.acl !== null) children.push(xmlElement(entity.acl));
		if (entity.state !== null) children.push(xmlElement(entity.state));
		children.push(...entity.children.map(xmlElement));
		const tag = this.#tag(upload);
		return this.#layout.element(tag, entity.role, { text, children }, 1);
	}

	#tag(upload: string | undefined): string {
		const { role, id, cuid, name, description, datatype, path, checksum } = this.#entity;
		const { size, unit, flag, attributes } = this.#entity;
		return (
			`<${role}${xmlAttribute('id', id)}${xmlAttribute('cuid', cuid)}${xmlAttribute('name', name)}` +
			`${xmlAttribute('description', description)}${xmlAttribute('datatype', datatype)}` +
			`${xmlAttribute('path', path)}${xmlAttribute('checksum', checksum)}` +
			`${xmlAttribute('size', size)}${xmlAttribute('unit', unit)}${xmlAttribute('flag', flag)}` +
			`${xmlAttribute('upload', upload)}${attributesOf(attributes)}`
		);
	}
}

/**
 * The entity as an element, at the depth of a root's child. Throws `entity_unwritable`, naming entity and
 * property, when a text has a character that XML cannot hold.
 */
export function entityText(entity: Entity, { isPretty, upload }: EntityTextOptions): string {
	const writer = new EntityText(entity, isPretty);
	try {
		return writer.entity(upload);
	} catch (error) {
		if (!(error instanceof ForbiddenCharacter)) throw error;
		const where = `${entityLabel(entity)}${writer.place}`;
		throw new EngineError('entity_unwritable', `${where}: ${error.message}`, {
			remedy: 'Remove that character on the server; no client could read it either.',
			details: { character: error.character },
			cause: error,
		});
	}
}
