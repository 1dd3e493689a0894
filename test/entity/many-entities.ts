import { EngineError } from '../../lib/core/index.ts';
import type {
	ChangeServer,
	EntityHead,
	PageRange,
	QueryPage,
	ServerClock,
	VersionMark,
} from '../../lib/entity/changes/change-server.ts';

interface Versions {
	readonly first: VersionMark;
	before: VersionMark | null;
	head: VersionMark;
}

const START = Date.UTC(2026, 0, 1);

/**
 * A server for numbers of entities that would take the emulator minutes. What it answers to the queries of
 * a watch of everything is what the emulator answers.
 */
export class ManyEntities implements ChangeServer {
	/** Whether it understands SELECT. */
	selects = true;
	#now = START;
	#writes = 0;
	#found = new Map<string, ReadonlyArray<[string, Versions]>>();
	readonly #entities = new Map<string, Versions>();
	readonly #idOf: (count: number) => string;

	constructor(idOf = (count: number): string => String(100 + count)) {
		this.#idOf = idOf;
	}

	wait(ms: number): void {
		this.#now += ms;
	}

	/** In one transaction. */
	insert(count: number): void {
		const writes = this.#writes++;
		for (let more = 0; more < count; more++) {
			const first = { id: `v${writes}-${more}`, time: this.#now, username: 'admin' };
			this.#entities.set(this.#idOf(this.#entities.size), { first, before: null, head: first });
		}
	}

	/** Updates the first ones. */
	touch(count: number): void {
		const writes = this.#writes++;
		for (const versions of [...this.#entities.values()].slice(0, count)) {
			versions.before = versions.head;
			versions.head = { id: `v${writes}`, time: this.#now, username: 'admin' };
		}
	}

	/** Removes the first ones. */
	remove(count: number): void {
		this.#writes++;
		for (const id of [...this.#entities.keys()].slice(0, count)) this.#entities.delete(id);
	}

	async clock(): Promise<ServerClock> {
		return { offset: 0, zone: 'UTC' };
	}

	async count(): Promise<QueryPage<never>> {
		return { ...this.#page([], { index: 0, length: 0 }), found: [] };
	}

	async heads(query: string, range: PageRange): Promise<QueryPage<EntityHead>> {
		const key = `${this.#writes} ${query}`;
		const found = this.#found.get(key) ?? this.#find(query);
		this.#found = new Map([[key, found]]);
		const page = this.#page(found, range);
		return { ...page, found: page.found.map(([id, versions]) => headOf(id, versions)) };
	}

	async ids(query: string, range: PageRange): Promise<QueryPage<string>> {
		if (query.startsWith('SELECT') && !this.selects) {
			throw new EngineError('server_refused', 'The server cannot read the query');
		}
		return this.#page([...this.#entities.keys()], range);
	}

	async retrieve(ids: readonly string[]): Promise<readonly EntityHead[]> {
		return ids.flatMap((id) => {
			const versions = this.#entities.get(id);
			return versions === undefined ? [] : [headOf(id, versions)];
		});
	}

	async missing(ids: readonly string[]): Promise<readonly string[]> {
		return ids.filter((id) => !this.#entities.has(id));
	}

	#find(query: string): Array<[string, Versions]> {
		const [, action, since = ''] = /(INSERTED|UPDATED) SINCE "(.*)"$/.exec(query) ?? [];
		const from = Date.parse(`${since}Z`);
		return [...this.#entities].filter(([, { first, head, before }]) =>
			action === 'INSERTED' ? first.time >= from : before !== null && head.time >= from,
		);
	}

	#page<Found>(all: readonly Found[], { index, length }: PageRange): QueryPage<Found> {
		const found = all.slice(index, index + length);
		return { total: all.length, etag: `e${this.#writes}`, time: this.#now, found };
	}
}

function headOf(id: string, { head, before, first }: Versions): EntityHead {
	return { id, role: 'Record', name: null, path: null, version: head, before, first };
}
