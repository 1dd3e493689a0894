import { type Mention, mentions, valueMentions } from './references.ts';
import type { AppliedProperty, Entity } from '../model.ts';
import type { ColumnStore } from './column-store.ts';
import type { IdNumbers } from './id-numbers.ts';
import { integers, smallNumbers } from './number-column.ts';
import { StringTable } from './string-table.ts';

/** What an entity mentions, before it is known what of it is in the file. */
export interface EntityMentions {
	/** Number of the list of its definitions, which it shares with others. */
	readonly list: number;
	/** Numbers of texts of references: ids or names. */
	readonly references: readonly number[];
}

const SEPARATOR = '\0';
/** As many kinds of records, each with a few hundred bytes. */
const KNOWN_MAX = 10_000;

/** What tells which definitions an entity mentions. */
function definitionKey({ parents, datatype, properties }: Entity): string {
	let key = `${datatype}`;
	for (const { id, name } of parents) key += `${SEPARATOR}<${id}${SEPARATOR}${name}`;
	for (const property of properties) key += propertyKey(property);
	return key;
}

function propertyKey({ id, name, datatype, properties }: AppliedProperty): string {
	let key = `${SEPARATOR}=${id}${SEPARATOR}${name}${SEPARATOR}${datatype}`;
	for (const inner of properties) key += `(${propertyKey(inner)})`;
	return key;
}

/**
 * What entities mention, gathered as they come: records of one type mention the same definitions, and such a list
 * is kept once.
 */
export class MentionIndex {
	#definitions = new StringTable();
	#lists = new StringTable();
	/** Lists by what they are made of: most records have that of another one. */
	readonly #known = new Map<string, number>();
	readonly #listOf;
	readonly #references: IdNumbers;
	readonly #targets;
	readonly #ends;
	/** 1: refers to a version; 2: has a value whose data type only the whole file tells. */
	readonly #marks;

	/** Texts of references are numbered in `ids`, where most of them are anyhow. */
	constructor(ids: IdNumbers, store?: ColumnStore) {
		this.#references = ids;
		this.#listOf = integers(0, store);
		this.#targets = integers(0, store);
		this.#ends = integers(0, store);
		this.#marks = smallNumbers(store);
	}

	add(entity: Entity): void {
		let mark = 0;
		const typeOf = ({ value }: { readonly value: unknown }): null => {
			if (value !== null) mark |= 2;
			return null;
		};
		for (const { id, name, version } of valueMentions(entity, typeOf)) {
			if (version !== null) mark |= 1;
			this.#targets.push(this.#references.of(id ?? name ?? ''));
		}
		const key = definitionKey(entity);
		const list = this.#known.get(key) ?? this.#newList(entity);
		if (this.#known.size < KNOWN_MAX) this.#known.set(key, list);
		this.#listOf.push(list);
		this.#ends.push(this.#targets.length);
		this.#marks.push(mark);
	}

	#newList(entity: Entity): number {
		const definitions = new Set<number>();
		for (const { kind, id, name } of mentions(entity, () => null)) {
			if (kind === 'value') continue;
			definitions.add(this.#definitions.add([kind, id ?? '', name ?? ''].join(SEPARATOR)));
		}
		return this.#lists.add([...definitions].sort((a, b) => a - b).join(' '));
	}

	of(index: number): EntityMentions {
		const references: number[] = [];
		const start = index === 0 ? 0 : this.#ends.get(index - 1);
		for (let at = start; at < this.#ends.get(index); at++) references.push(this.#targets.get(at));
		return { list: this.#listOf.get(index), references };
	}

	/** The mentions of a list of definitions. */
	*definitions(list: number): Generator<Mention> {
		for (const number of this.#lists.text(list).split(' ')) {
			if (number === '') continue;
			const text = this.#definitions.text(Number(number));
			const [kind = '', id = '', ...name] = text.split(SEPARATOR);
			const given = name.join(SEPARATOR);
			yield {
				kind: kind === 'parent' || kind === 'datatype' ? kind : 'property',
				id: id === '' ? null : id,
				name: given === '' ? null : given,
				version: null,
			};
		}
	}

	/** Lets go all but the marks, once everything is translated. */
	release(): void {
		[this.#definitions, this.#lists] = [new StringTable(), new StringTable()];
		this.#known.clear();
		for (const column of [this.#listOf, this.#targets, this.#ends]) column.clear();
	}

	isVersioned(index: number): boolean {
		return (this.#marks.get(index) & 1) !== 0;
	}

	/** Whether it has a value that may be a reference: its data type is to be looked up first. */
	isUntyped(index: number): boolean {
		return (this.#marks.get(index) & 2) !== 0;
	}
}
