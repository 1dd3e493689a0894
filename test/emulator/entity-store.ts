import { isSystemId } from './ids.ts';
import {
	type AppliedProperty,
	type Datatype,
	type Entity,
	type Value,
	isBuiltIn,
	isReference,
	referencedId,
} from './model.ts';

function add(index: Map<string, Set<string>>, key: string, id: string): void {
	const ids = index.get(key);
	if (ids === undefined) index.set(key, new Set([id]));
	else ids.add(id);
}

function drop(index: Map<string, Set<string>>, key: string, id: string): void {
	const ids = index.get(key);
	ids?.delete(id);
	if (ids?.size === 0) index.delete(key);
}

/** Entities in memory with all their versions, and the indexes that make retrieval fast. */
export class EntityStore {
	/** Versions by id, oldest first; ids in the order of insertion. */
	readonly #versions = new Map<string, Entity[]>();
	readonly #byName = new Map<string, Set<string>>();
	readonly #byPath = new Map<string, string>();
	/** How many files lie below each folder, at any depth. */
	readonly #folders = new Map<string, number>();
	readonly #children = new Map<string, Set<string>>();
	readonly #users = new Map<string, Set<string>>();
	readonly #mentions = new Map<string, ReadonlySet<string>>();
	#revision = 0;

	/** Grows with every change. */
	get revision(): number {
		return this.#revision;
	}

	get size(): number {
		return this.#versions.size;
	}

	head(id: string): Entity | undefined {
		return this.#versions.get(id)?.at(-1);
	}

	/** All versions, oldest first; empty when there is no such entity. */
	history(id: string): readonly Entity[] {
		return this.#versions.get(id) ?? [];
	}

	/** Newest versions, in the order of insertion. */
	*heads(): Generator<Entity> {
		for (const versions of this.#versions.values()) {
			const head = versions.at(-1);
			if (head !== undefined) yield head;
		}
	}

	/** The entities of that name, letter case ignored as the database's collation does. */
	named(name: string): Entity[] {
		return this.#all(this.#byName.get(name.toLowerCase()));
	}

	atPath(path: string): Entity | undefined {
		const id = this.#byPath.get(path);
		return id === undefined ? undefined : this.head(id);
	}

	/** Whether a file lies below the path. */
	isFolder(path: string): boolean {
		return this.#folders.has(path);
	}

	childrenOf(id: string): Entity[] {
		return this.#all(this.#children.get(id));
	}

	/** Entities that have this one as parent, property, datatype or value. */
	usersOf(id: string): Entity[] {
		return this.#all(this.#users.get(id));
	}

	/** Stores new versions, first or further ones, that may mention each other. */
	putAll(entities: readonly Entity[]): void {
		if (entities.length === 0) return;
		for (const { id } of entities) this.#unindex(id);
		for (const entity of entities) {
			const versions = this.#versions.get(entity.id);
			if (versions === undefined) this.#versions.set(entity.id, [entity]);
			else versions.push(entity);
		}
		for (const entity of entities) this.#index(entity);
		this.#revision++;
	}

	/** Forgets everything. */
	clear(): void {
		for (const index of [this.#versions, this.#byName, this.#byPath, this.#folders]) index.clear();
		for (const index of [this.#children, this.#users, this.#mentions]) index.clear();
		this.#revision++;
	}

	/** Adds entities that are not there yet, each with its versions, oldest first. */
	load(histories: ReadonlyArray<readonly Entity[]>): void {
		const heads: Entity[] = [];
		for (const history of histories) {
			const head = history.at(-1);
			if (head === undefined || this.#versions.has(head.id)) continue;
			this.#versions.set(head.id, [...history]);
			heads.push(head);
		}
		for (const head of heads) this.#index(head);
		this.#revision++;
	}

	/** Forgets entities and all their versions. */
	removeAll(ids: readonly string[]): void {
		for (const id of ids) {
			this.#unindex(id);
			this.#versions.delete(id);
		}
		this.#revision++;
	}

	#all(ids: ReadonlySet<string> | undefined): Entity[] {
		return [...(ids ?? [])].flatMap((id) => this.head(id) ?? []);
	}

	#index(entity: Entity): void {
		const { id, name, file, parents } = entity;
		if (name !== null) add(this.#byName, name.toLowerCase(), id);
		if (file !== null) {
			this.#byPath.set(file.path, id);
			this.#countFolders(file.path, 1);
		}
		for (const parent of parents) add(this.#children, parent, id);
		const mentions = mentionedIds(entity, (mentioned) => this.head(mentioned));
		this.#mentions.set(id, mentions);
		for (const mentioned of mentions) add(this.#users, mentioned, id);
	}

	#countFolders(path: string, change: number): void {
		for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
			const folder = path.slice(0, end);
			const count = (this.#folders.get(folder) ?? 0) + change;
			if (count === 0) this.#folders.delete(folder);
			else this.#folders.set(folder, count);
		}
	}

	#unindex(id: string): void {
		const old = this.head(id);
		if (old === undefined) return;
		if (old.name !== null) drop(this.#byName, old.name.toLowerCase(), id);
		if (old.file !== null) {
			this.#byPath.delete(old.file.path);
			this.#countFolders(old.file.path, -1);
		}
		for (const parent of old.parents) drop(this.#children, parent, id);
		for (const mentioned of this.#mentions.get(id) ?? []) drop(this.#users, mentioned, id);
		this.#mentions.delete(id);
	}
}

/** The datatype that a property has in an entity: its own there, else that of its entity. */
export function effectiveDatatype(
	property: AppliedProperty,
	entityOf: (id: string) => Entity | undefined,
): Datatype | null {
	if (property.datatype !== null) return property.datatype;
	const entity = entityOf(property.id);
	if (entity?.role === 'RecordType') return { base: entity.id, isList: false };
	return entity?.datatype ?? null;
}

function listed(value: Value): readonly string[] {
	if (value === null) return [];
	return typeof value === 'string' ? [value] : value.filter((item) => item !== null);
}

function addDatatype(datatype: Datatype | null, ids: Set<string>): void {
	if (datatype !== null && !isBuiltIn(datatype.base)) ids.add(datatype.base);
}

function addValue(datatype: Datatype | null, value: Value, ids: Set<string>): void {
	if (datatype === null || !isReference(datatype)) return;
	for (const item of listed(value)) if (item !== '') ids.add(referencedId(item));
}

/** What the entity needs: parents, properties, datatypes and referenced entities; not the server's own. */
export function mentionedIds(
	entity: Entity,
	entityOf: (id: string) => Entity | undefined,
): ReadonlySet<string> {
	const ids = new Set<string>(entity.parents);
	addDatatype(entity.datatype, ids);
	addValue(entity.datatype, entity.value, ids);
	const addProperties = (properties: readonly AppliedProperty[]): void => {
		for (const property of properties) {
			const datatype = effectiveDatatype(property, entityOf);
			ids.add(property.id);
			addDatatype(property.datatype, ids);
			addValue(datatype, property.value, ids);
			addProperties(property.properties);
		}
	};
	addProperties(entity.properties);
	for (const id of ids) if (isSystemId(id) || id === entity.id) ids.delete(id);
	return ids;
}
