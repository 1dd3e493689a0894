import { EngineError } from '../../core/index.ts';
import { isSystemId, entityLabel } from '../entity-id.ts';
import { packEntity, roleNumber, sourceKey, unpackEntity } from './pack.ts';
import type { ColumnStore } from './column-store.ts';
import { IdNumbers } from './id-numbers.ts';
import { MentionIndex } from './mentions.ts';
import { Needs } from './needs.ts';
import { type Mention, type TypeOf, mentions } from './references.ts';
import { type Entity, ROLES, type Role } from '../model.ts';
import { integers, smallNumbers } from './number-column.ts';
import type { SpillFile } from './spill-file.ts';
import { StringTable } from './string-table.ts';

const NONE = -1;
/** Lists of definitions that are translated once only; there are as many as kinds of records. */
const KNOWN_LISTS = 10_000;
/** Far more than any server has; a file with more is not one of entities. */
const ENTITIES_MAX = 20_000_000;

function refuse(entity: Entity, reason: string): never {
	throw new EngineError('xml_invalid', `${entityLabel(entity)} cannot be imported: ${reason}`, {
		remedy: 'Correct the document, or export it again.',
	});
}

/** What a list of definitions means in the file. */
interface Definitions {
	readonly targets: ReadonlySet<number>;
	readonly areClosed: boolean;
}

/** Which roles a name may stand for, by where it is mentioned. */
function mayMean(kind: Mention['kind'], role: Role): boolean {
	switch (kind) {
		case 'parent':
			return role === 'RecordType' || role === 'Property';
		case 'property':
			return role === 'Property' || role === 'RecordType';
		case 'datatype':
			return role === 'RecordType';
		case 'value':
			return true;
	}
}

/**
 * The entities of the source, numbered in the order of the file: on disk, with what is needed to find and to
 * order them in memory outside of the heap.
 */
export class SourceEntities {
	/** Entities of the server itself that the file has, too; every server has them. */
	systemEntities = 0;
	/** Lists of permissions, and states, that were not taken over. */
	leftOut = 0;
	readonly #spill: SpillFile;
	readonly #roles;
	readonly #ids = new IdNumbers();
	/** By number of the id. */
	readonly #indexOfId;
	readonly #idOf;
	readonly #names;
	readonly #nameOf;
	readonly #firstOfName;
	readonly #nextOfName;
	/** Data types of Properties, to read values of properties that do not say theirs. */
	readonly #types = new StringTable();
	readonly #typeOf;
	readonly #mentions;
	/** 1: see `isClosed`. */
	readonly #closed;
	readonly #store: ColumnStore | undefined;

	constructor(spill: SpillFile, store?: ColumnStore) {
		this.#spill = spill;
		this.#store = store;
		this.#roles = smallNumbers(store);
		this.#indexOfId = integers(NONE, store);
		this.#idOf = integers(NONE, store);
		this.#names = new StringTable(store);
		this.#nameOf = integers(NONE, store);
		this.#firstOfName = integers(NONE, store);
		this.#nextOfName = integers(NONE, store);
		this.#typeOf = integers(NONE, store);
		this.#mentions = new MentionIndex(this.#ids, store);
		this.#closed = smallNumbers(store);
	}

	get count(): number {
		return this.#roles.length;
	}

	/** Throws `xml_invalid` for what is no single entity, `limit_exceeded`. */
	add(entity: Entity): void {
		const { id, name, role, datatype } = entity;
		if (id !== null && isSystemId(id)) {
			this.systemEntities++;
			return;
		}
		if (role === 'Entity') refuse(entity, 'the document does not say its role');
		if (this.count >= ENTITIES_MAX) {
			throw new EngineError('limit_exceeded', `The source has more than ${ENTITIES_MAX} entities`, {
				remedy: 'Import it in several parts.',
				details: { limit: ENTITIES_MAX },
			});
		}
		if (entity.acl !== null || entity.state !== null) this.leftOut++;
		const index = this.#spill.push(packEntity(entity));
		this.#mentions.add(entity);
		this.#roles.push(roleNumber(role));
		this.#idOf.push(id === null ? NONE : this.#addId(entity, id, index));
		this.#addName(name, index);
		const type = role === 'RecordType' ? 'REFERENCE' : role === 'Property' ? datatype : null;
		this.#typeOf.push(type === null ? NONE : this.#types.add(type));
	}

	entity(index: number): Entity {
		return unpackEntity(this.#spill.text(index));
	}

	/** About as many as it adds to a request. */
	bytes(index: number): number {
		return this.#spill.bytes(index);
	}

	role(index: number): Role {
		return ROLES[this.#roles.get(index)] ?? 'Entity';
	}

	name(index: number): string | null {
		const number = this.#nameOf.get(index);
		return number < 0 ? null : this.#names.text(number);
	}

	id(index: number): string | null {
		const number = this.#idOf.get(index);
		return number === NONE ? null : this.#ids.id(number);
	}

	/** By which the id map knows it; null: no later import could recognise it by its id. */
	key(index: number): string | null {
		const id = this.id(index);
		return id === null ? null : sourceKey(id);
	}

	/** The entity of that id in the file, or -1. */
	indexOf(id: string): number {
		return this.#indexOfId.get(this.#ids.find(id));
	}

	/** Entities of that name, letter case counts. */
	*named(name: string): Generator<number> {
		const number = this.#names.find(name);
		if (number < 0) return;
		for (
			let index = this.#firstOfName.get(number);
			index >= 0;
			index = this.#nextOfName.get(index)
		) {
			yield index;
		}
	}

	/** The data type that the file gives a property which does not say its own. */
	readonly typeOf: TypeOf = ({ id, name }) => {
		const byId = id === null ? NONE : this.indexOf(id);
		const index = byId >= 0 || name === null ? byId : this.#definition(name);
		const type = index < 0 ? NONE : this.#typeOf.get(index);
		return type < 0 ? null : this.#types.text(type);
	};

	/** Entities in the file that may be meant. */
	*meant({ kind, id, name }: Mention): Generator<number> {
		const byId = id === null ? NONE : this.indexOf(id);
		if (byId >= 0) {
			yield byId;
			return;
		}
		if (name === null) return;
		for (const index of this.named(name)) if (mayMean(kind, this.role(index))) yield index;
	}

	/** Who needs whom; may be asked once. */
	needs(): Needs {
		const needs = new Needs(this.#store);
		const known = new Map<number, Definitions>();
		for (let index = 0; index < this.count; index++) {
			if (this.#mentions.isUntyped(index)) {
				needs.add(new Set(), this.#meantByAll(mentions(this.entity(index), this.typeOf)));
				this.#closed.push(0);
				continue;
			}
			const { list, references } = this.#mentions.of(index);
			const definitions = known.get(list) ?? this.#definitionsOf(list);
			if (known.size < KNOWN_LISTS) known.set(list, definitions);
			let isClosed = definitions.areClosed && !this.isVersioned(index);
			const others = new Set<number>();
			for (const number of references) {
				isClosed &&= this.#indexOfId.get(number) >= 0;
				for (const target of this.#referenced(number)) others.add(target);
			}
			needs.add(definitions.targets, others);
			this.#closed.push(Number(isClosed));
		}
		this.#mentions.release();
		return needs;
	}

	/**
	 * Whether all that it mentions by an id is in the file, or every server's own, and no version: known once
	 * `needs` was asked. Then it can be said on the target as soon as all that it needs can.
	 */
	isClosed(index: number): boolean {
		return this.#closed.get(index) === 1;
	}

	#definitionsOf(list: number): Definitions {
		const all = [...this.#mentions.definitions(list)];
		const areClosed = all.every(
			({ id, name }) => id === null || name !== null || this.indexOf(id) >= 0 || isSystemId(id),
		);
		return { targets: this.#meantByAll(all), areClosed };
	}

	#meantByAll(all: Iterable<Mention>): Set<number> {
		const targets = new Set<number>();
		for (const mention of all) for (const target of this.meant(mention)) targets.add(target);
		return targets;
	}

	/** By the number of an id or name in the table of ids. */
	*#referenced(number: number): Generator<number> {
		const byId = this.#indexOfId.get(number);
		if (byId >= 0) yield byId;
		else yield* this.named(this.#ids.id(number));
	}

	/** Whether it refers to versions of others. */
	isVersioned(index: number): boolean {
		return this.#mentions.isVersioned(index);
	}

	#definition(name: string): number {
		for (const index of this.named(name)) {
			if (mayMean('property', this.role(index))) return index;
		}
		return NONE;
	}

	#addId(entity: Entity, id: string, index: number): number {
		const number = this.#ids.of(id);
		if (this.#indexOfId.get(number) >= 0) refuse(entity, 'the document has its id twice');
		this.#indexOfId.set(number, index);
		return number;
	}

	/** Entities of one name hang on each other, the last one first. */
	#addName(name: string | null, index: number): void {
		const number = name === null ? NONE : this.#names.add(name);
		this.#nameOf.push(number);
		this.#nextOfName.push(this.#firstOfName.get(number));
		if (number >= 0) this.#firstOfName.set(number, index);
	}
}
