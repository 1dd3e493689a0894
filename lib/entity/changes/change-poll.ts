import { type Candidates, placeOf } from './change-candidates.ts';
import { type ChangePlace, comparePlaces } from './change-cursor.ts';
import type { ChangeServer, EntityHead } from './change-server.ts';
import type { ChangeKind, EntityChange, Watch } from './change-watch.ts';
import type { IdInventory } from './id-inventory.ts';
import { SeenVersions } from './seen-versions.ts';

/** Versions that are remembered; with more, the overlap gets shorter. 19 characters each. */
const SEEN_LIMIT = 20_000;
/** Ids per question whether they are still there. */
const ASK_LENGTH = 200;

/** The newest version of an entity as a change. */
export function changeOf(
	event: ChangeKind,
	{ id, role, name, path, version }: EntityHead,
): EntityChange {
	const time = new Date(version.time).toISOString();
	return { event, id, version: version.id, role, name, path, time, username: version.username };
}

function goneChange(id: string, now: number): EntityChange {
	const unknown = { version: null, role: null, name: null, path: null, username: null };
	return { event: 'deleted', id, ...unknown, time: new Date(now).toISOString() };
}

/** What became of an entity since the last poll, and the place of the version that says so. */
interface Origin {
	readonly kind: ChangeKind;
	readonly from: ChangePlace;
}

/** One poll: what was found, what is done, what is left for the next. */
export class Poll {
	readonly changes: EntityChange[] = [];
	hasMore = false;
	/** Whose versions are done, whether they were reported or not. */
	readonly #done: EntityHead[] = [];
	readonly #doneNow = new Set<string>();
	/** Found, and deleted before more could be asked. */
	readonly #gone = new Set<string>();
	/** Left for the next poll, which must know that they were seen before. */
	readonly #openAgain: string[] = [];
	#firstOpen: ChangePlace | null = null;
	readonly #server: ChangeServer;
	readonly #watch: Watch;
	readonly #floor: ChangePlace;

	constructor(server: ChangeServer, watch: Watch, floor: ChangePlace) {
		this.#server = server;
		this.#watch = watch;
		this.#floor = floor;
	}

	get #room(): number {
		return Math.max(this.#watch.limit - this.changes.length, 0);
	}

	#report(change: EntityChange): void {
		if (this.#watch.events.includes(change.event)) this.changes.push(change);
	}

	/** Takes all for done, as a first poll does. */
	pass(heads: readonly EntityHead[]): void {
		for (const head of heads) this.#done.push(head);
	}

	/** Inserts and updates, oldest first. `listed` is null when everything is watched. */
	async takeCandidates(
		candidates: Candidates,
		seen: SeenVersions,
		{ known, listed }: { readonly known: IdInventory | null; readonly listed: IdInventory | null },
	): Promise<void> {
		const { heads, cutAt } = candidates;
		const fresh = heads.filter(({ id, version }) => !seen.has(id, version.id));
		const isFresh = new Set(fresh.map(({ id }) => id));
		const isKnown = (id: string): boolean => known?.has(id) === true || seen.hasEntity(id);
		const origins = await this.#originsOf(fresh, candidates, isKnown);
		for (const head of heads) {
			const origin = origins.get(head.id);
			if (!isFresh.has(head.id)) this.#done.push(head);
			else if (this.#room > 0) this.#takeFresh(head, origin?.kind, listed);
			else {
				this.#leaveOpen(origin?.from ?? placeOf(head));
				if (seen.hasEntity(head.id)) this.#openAgain.push(head.id);
			}
		}
		if (cutAt !== null) this.#leaveOpen(cutAt);
		this.hasMore ||= this.#firstOpen !== null;
	}

	/** Nothing from this place on is done for good. */
	#leaveOpen(place: ChangePlace): void {
		const isFirst = this.#firstOpen === null || comparePlaces(place, this.#firstOpen) < 0;
		if (isFirst) this.#firstOpen = place;
	}

	#takeFresh(head: EntityHead, kind: ChangeKind | undefined, listed: IdInventory | null): void {
		const isListed = listed === null || listed.has(head.id);
		if (kind === undefined) this.#gone.add(head.id);
		else if (isListed) this.#report(changeOf(kind, head));
		this.#done.push(head);
		this.#doneNow.add(head.id);
	}

	/** Whether each was made or changed since the floor; none for what is gone meanwhile. */
	async #originsOf(
		heads: readonly EntityHead[],
		{ inserted, etags }: Candidates,
		isKnown: (id: string) => boolean,
	): Promise<ReadonlyMap<string, Origin>> {
		const origins = new Map<string, Origin>();
		const unclear: string[] = [];
		const isOneState = etags.every((etag) => etag !== null && etag === etags[0]);
		for (const head of heads) {
			const { id, before } = head;
			const isOld = isKnown(id) || (isOneState && !inserted.has(id));
			if (before === null) origins.set(id, { kind: 'inserted', from: placeOf(head) });
			else if (isOld || !this.#isAfterFloor(id, before.time)) {
				origins.set(id, { kind: 'updated', from: placeOf(head) });
			} else unclear.push(id);
		}
		// Only the whole history tells.
		for (const head of await this.#retrieve(unclear)) {
			origins.set(head.id, this.#originByHistory(head));
		}
		return origins;
	}

	#isAfterFloor(id: string, time: number): boolean {
		return comparePlaces({ time, id }, this.#floor) > 0;
	}

	#originByHistory(head: EntityHead): Origin {
		const { id, version, before, first } = head;
		const { time } = first ?? before ?? version;
		if (this.#isAfterFloor(id, time)) return { kind: 'inserted', from: { time, id } };
		return { kind: 'updated', from: placeOf(head) };
	}

	async #retrieve(ids: readonly string[]): Promise<EntityHead[]> {
		const found: EntityHead[] = [];
		for (let at = 0; at < ids.length; at += ASK_LENGTH) {
			found.push(...(await this.#server.retrieve(ids.slice(at, at + ASK_LENGTH), true)));
		}
		return found;
	}

	/**
	 * What the query finds now and did not before, though no version of its own says why. Returns what is
	 * not to be taken for known: what is left for the next poll, and what is gone.
	 */
	async takeNewlyListed(
		known: IdInventory,
		listed: IdInventory,
		seen: SeenVersions,
	): Promise<string[]> {
		const ids = [...listed.without(known)].filter((id) => !this.#doneNow.has(id));
		if (this.hasMore) return [...ids, ...this.#gone];
		const [now, later] = [ids.slice(0, this.#room), ids.slice(this.#room)];
		const gone = new Set([...now, ...this.#gone]);
		for (const head of await this.#retrieve(now)) {
			gone.delete(head.id);
			const kind = seen.hasEntity(head.id) ? 'updated' : this.#originByHistory(head).kind;
			this.#report(changeOf(kind, head));
			this.#done.push(head);
		}
		this.hasMore = later.length > 0;
		return [...later, ...gone];
	}

	/** What is gone from the server. Returns what is not looked at yet. */
	async takeDeleted(known: IdInventory, listed: IdInventory, now: number): Promise<string[]> {
		if (!this.#watch.events.includes('deleted')) return [];
		const ids = [...known.without(listed)];
		let at = 0;
		while (at < ids.length && this.#room > 0 && !this.hasMore) {
			const asked = ids.slice(at, at + Math.min(ASK_LENGTH, this.#room));
			for (const id of await this.#server.missing(asked)) this.#report(goneChange(id, now));
			at += asked.length;
		}
		this.hasMore ||= at < ids.length;
		return ids.slice(at);
	}

	/**
	 * How far all is done, `until` that moment unless something was left, and what is done behind that. To
	 * be called once, at the end.
	 */
	settle(
		until: number,
		before: SeenVersions,
	): { readonly floor: ChangePlace; readonly seen: SeenVersions } {
		const done = this.#done
			.map((head) => ({ head, place: placeOf(head) }))
			.sort((left, right) => comparePlaces(left.place, right.place));
		const wanted = { time: until, id: '' };
		let floor = comparePlaces(wanted, this.#floor) > 0 ? wanted : this.#floor;
		if (this.#isOpen(floor)) {
			floor = done.findLast(({ place }) => !this.#isOpen(place))?.place ?? this.#floor;
		}
		const behind = done.filter(({ place }) => comparePlaces(place, floor) > 0);
		const surplus = behind[behind.length - SEEN_LIMIT - 1]?.place;
		if (surplus !== undefined && !this.#isOpen(surplus)) floor = surplus;
		const seen = new SeenVersions();
		for (const id of this.#openAgain) seen.take(id, before);
		for (const { head, place } of behind) {
			if (comparePlaces(place, floor) > 0) seen.add(head.id, head.version.id);
		}
		return { floor, seen };
	}

	#isOpen(place: ChangePlace): boolean {
		return this.#firstOpen !== null && comparePlaces(place, this.#firstOpen) >= 0;
	}
}
