import type { CaosDbClient } from '../client/client.ts';
import type { Entity } from '../model.ts';
import { TextIndex } from './text-index.ts';
import type { Wanted } from './wanted.ts';

/** What the target has of a few entities of the source, fetched together. */
export interface Found {
	readonly byId: ReadonlyMap<string, Entity>;
	readonly byName: ReadonlyMap<string, readonly Entity[]>;
	readonly byPath: ReadonlyMap<string, Entity>;
}

/** One query each for fewer files; for more, one list of all. */
const SINGLE_QUERIES = 40;
const PARALLEL_QUERIES = 6;

/** What a server would take for an id, a version or two names. */
function isNoPlainKey(name: string): boolean {
	return name === '' || /^-?\d+$|[&@/]|^\.{1,2}$|^\s|\s$/.test(name);
}

export function absolutePath(path: string): string {
	return path.startsWith('/') ? path : `/${path}`;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
	let next = 0;
	const worker = async (): Promise<void> => {
		while (next < items.length) {
			const item = items[next++];
			if (item !== undefined) await work(item);
		}
	};
	await Promise.all(Array.from({ length: PARALLEL_QUERIES }, worker));
}

function collect(byName: Map<string, Entity[]>, entity: Entity): void {
	if (entity.name === null) return;
	const found = byName.get(entity.name) ?? [];
	// A name that is asked for twice in one address is answered twice.
	if (found.some(({ id }) => id === entity.id)) return;
	found.push(entity);
	byName.set(entity.name, found);
}

/** Fetches what the target has, in as few requests as possible. */
export class TargetLookup {
	readonly #client: CaosDbClient;
	/** Paths and ids of all files, once they were listed. */
	#files: Promise<TextIndex> | undefined;

	constructor(client: CaosDbClient) {
		this.#client = client;
	}

	/** `byName` tells for which entities the name is of use. */
	async find(wanted: readonly Wanted[], byName: (wanted: Wanted) => boolean): Promise<Found> {
		const ids = wanted.flatMap(({ known }) => (known === undefined ? [] : [known.target]));
		const names = wanted.flatMap((one) => {
			const { name } = one;
			return name !== null && byName(one) ? [name] : [];
		});
		const paths = wanted.flatMap((one) => {
			if (one.role !== 'File' || one.known !== undefined) return [];
			const { path } = one.entity;
			return path === null ? [] : [absolutePath(path)];
		});
		const [foundIds, foundNames, foundPaths] = await Promise.all([
			this.byIds([...new Set(ids)]),
			this.byNames([...new Set(names)]),
			this.#byPaths([...new Set(paths)]),
		]);
		return { byId: foundIds, byName: foundNames, byPath: foundPaths };
	}

	/** Those that there are. */
	async byIds(ids: readonly string[]): Promise<Map<string, Entity>> {
		const found = new Map<string, Entity>();
		if (ids.length === 0) return found;
		for await (const { entities } of this.#client.retrieve(ids)) {
			for (const entity of entities) if (entity.id !== null) found.set(entity.id, entity);
		}
		return found;
	}

	async byNames(names: readonly string[]): Promise<Map<string, Entity[]>> {
		const found = new Map<string, Entity[]>();
		const plain = names.filter((name) => !isNoPlainKey(name));
		if (plain.length > 0) {
			for await (const { entities } of this.#client.retrieve(plain)) {
				for (const entity of entities) collect(found, entity);
			}
		}
		await inParallel(names.filter(isNoPlainKey), async (name) => {
			for (const entity of await this.#client.named(name)) collect(found, entity);
		});
		return found;
	}

	async #byPaths(paths: readonly string[]): Promise<Map<string, Entity>> {
		const found = new Map<string, Entity>();
		if (this.#files === undefined && paths.length <= SINGLE_QUERIES) {
			await inParallel(paths, async (path) => {
				const file = await this.#client.fileAt(path);
				if (file !== undefined) found.set(path, file);
			});
			return found;
		}
		this.#files ??= this.#listFiles();
		const files = await this.#files;
		const byId = await this.byIds(paths.flatMap((path) => files.get(path)));
		for (const file of byId.values()) if (file.path !== null) found.set(file.path, file);
		return found;
	}

	async #listFiles(): Promise<TextIndex> {
		const files = new TextIndex();
		for await (const { entities } of this.#client.query('FIND FILE')) {
			for (const { id, path } of entities) if (id !== null && path !== null) files.add(path, id);
		}
		return files;
	}
}
