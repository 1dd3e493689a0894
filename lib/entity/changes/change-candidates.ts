import { type ChangePlace, comparePlaces } from './change-cursor.ts';
import { readPages } from './change-pages.ts';
import type { ChangeServer, EntityHead } from './change-server.ts';
import { filterTime } from './server-time.ts';

/** So many changes are looked at in one poll; more come with the next ones. Some hundred bytes each. */
const CANDIDATE_LIMIT = 50_000;
/** Whole entities come with it. */
const PAGE_LENGTH = 500;

export function placeOf({ id, version }: EntityHead): ChangePlace {
	return { time: version.time, id };
}

function byPlace(left: EntityHead, right: EntityHead): number {
	return comparePlaces(placeOf(left), placeOf(right));
}

export interface Candidates {
	/** By their place, oldest first. */
	readonly heads: readonly EntityHead[];
	/** Ids of those that were made, not only changed, about since the floor. */
	readonly inserted: ReadonlySet<string>;
	/** Where the ones begin that were too many; null when all are there. */
	readonly cutAt: ChangePlace | null;
	/** The states of the database in which they were read. */
	readonly etags: ReadonlyArray<string | null>;
}

/** The newest version of everything that has one behind the floor. */
export async function readCandidates(
	server: ChangeServer,
	{ floor, now }: { readonly floor: ChangePlace; readonly now: number },
	signal: AbortSignal,
): Promise<Candidates> {
	const since = filterTime(floor.time, now, await server.clock());
	const gathered = new Gathered(floor);
	const etags: Array<string | null> = [];
	for (const action of ['UPDATED', 'INSERTED'] as const) {
		const query = `FIND ENTITY WHICH WAS ${action} SINCE "${since}"`;
		const kept = gathered.save();
		const etag = await readPages(
			{
				length: PAGE_LENGTH,
				read: async (range) => await server.heads(query, range),
				begin: () => gathered.restore(kept),
				take: (heads) => gathered.add(heads, action === 'INSERTED'),
			},
			signal,
		);
		etags.push(etag);
	}
	return { ...gathered.end(), etags };
}

interface Saved {
	readonly heads: ReadonlyMap<string, EntityHead>;
	readonly cutAt: ChangePlace | null;
}

class Gathered {
	readonly #floor: ChangePlace;
	#heads = new Map<string, EntityHead>();
	#inserted = new Set<string>();
	#cutAt: ChangePlace | null = null;

	constructor(floor: ChangePlace) {
		this.#floor = floor;
	}

	save(): Saved {
		return { heads: new Map(this.#heads), cutAt: this.#cutAt };
	}

	restore({ heads, cutAt }: Saved): void {
		this.#heads = new Map(heads);
		this.#cutAt = cutAt;
	}

	add(heads: readonly EntityHead[], isInserted: boolean): void {
		for (const head of heads) {
			if (comparePlaces(placeOf(head), this.#floor) <= 0) continue;
			this.#heads.set(head.id, head);
			if (isInserted) this.#inserted.add(head.id);
		}
		if (this.#heads.size > 2 * CANDIDATE_LIMIT) this.#cut();
	}

	end(): Omit<Candidates, 'etags'> {
		if (this.#heads.size > CANDIDATE_LIMIT) this.#cut();
		const cutAt = this.#cutAt;
		const sorted = [...this.#heads.values()].sort(byPlace);
		const heads =
			cutAt === null ? sorted : sorted.filter((head) => comparePlaces(placeOf(head), cutAt) < 0);
		return { heads, inserted: this.#inserted, cutAt };
	}

	#cut(): void {
		const sorted = [...this.#heads.values()].sort(byPlace);
		const first = sorted[CANDIDATE_LIMIT];
		if (first === undefined) return;
		const place = placeOf(first);
		if (this.#cutAt === null || comparePlaces(place, this.#cutAt) < 0) this.#cutAt = place;
		for (const { id } of sorted.slice(CANDIDATE_LIMIT)) {
			this.#heads.delete(id);
			this.#inserted.delete(id);
		}
	}
}
