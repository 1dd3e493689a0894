import { throwIfAborted } from '../../core/index.ts';
import { readCandidates } from './change-candidates.ts';
import { type ChangeCursor, type ChangePlace, parseCursor, watchKey } from './change-cursor.ts';
import { type Listing, idQuery, knownText, readListing } from './change-listing.ts';
import { Poll, changeOf } from './change-poll.ts';
import type { ChangeServer } from './change-server.ts';
import type { EntityChange, Watch } from './change-watch.ts';
import { IdInventory } from './id-inventory.ts';
import { SeenVersions } from './seen-versions.ts';

/*
 * Finds what changed on a server since the last poll, each change once.
 *
 * Inserts and updates are found by the server's own filter on the time of a transaction, always from a bit
 * before the last poll: a transaction gets its time before others can see it. What was looked at already is
 * known by its version. Deletions cannot be asked for: what the watched query found last is kept as a set of
 * ids, and what is gone from it is asked for by id. Only times of the server are compared, never ours.
 */

export interface FoundChanges {
	readonly changes: readonly EntityChange[];
	/** To be kept, and given with the next poll. */
	readonly cursor: ChangeCursor;
	/** Whether there are more than the limit. */
	readonly hasMore: boolean;
	/** Whether this poll only set the mark from which on changes are found. */
	readonly isFirst: boolean;
}

const EVERYTHING = 'FIND ENTITY';
/** Tells the state of the database and the server's time, and transfers nothing. */
const PROBE = 'COUNT ENTITY';

/** So long at most a poll trusts the mark of the database alone, whatever makes that mark stay as it is. */
const TRUST_MS = 3_600_000;

/** Whether nobody can have written since all was done. */
function isIdle(
	cursor: ChangeCursor,
	etag: string | null,
	now: number,
	overlapMs: number,
): boolean {
	if (cursor.etag === null || cursor.etag !== etag) return false;
	return Math.abs(now - overlapMs - cursor.floor.time) < TRUST_MS;
}

/** What a poll works with. */
interface Scene {
	readonly server: ChangeServer;
	readonly watch: Watch;
	readonly floor: ChangePlace;
	/** By the server's clock, in milliseconds. */
	readonly now: number;
	readonly signal: AbortSignal;
}

/** What a poll has read and done, without the events. */
interface Reading {
	readonly poll: Poll;
	/** null when the watch does not need it. */
	readonly listing: Listing | null;
	/** What the poll before had seen. */
	readonly seen: SeenVersions;
	/** Found, but neither reported nor to be taken for known. */
	readonly unreported: ReadonlySet<string>;
	/** Not found any more, but not looked at yet. */
	readonly unasked: readonly string[];
	/** Moment before which all is done, unless something was left. */
	readonly doneUntil: number;
	/** The states of the database in which everything was read. */
	readonly etags: ReadonlyArray<string | null>;
}

async function readList({ server, watch, signal }: Scene): Promise<Listing | null> {
	const isNeeded = watch.query !== null || watch.events.includes('deleted');
	return isNeeded ? await readListing(server, watch.query ?? EVERYTHING, signal) : null;
}

/** Takes everything that is there for done. */
async function setMark(scene: Scene): Promise<Reading> {
	const { server, watch, floor, now, signal } = scene;
	const poll = new Poll(server, watch, floor);
	// The list first: what is made meanwhile is reported by the next poll, not taken for known.
	const listing = await readList(scene);
	const { heads, cutAt, etags } = await readCandidates(server, { floor, now }, signal);
	poll.pass(heads);
	const doneUntil = cutAt === null ? now - watch.overlapMs : now;
	const nothing = { seen: new SeenVersions(), unreported: new Set<string>(), unasked: [] };
	return { poll, listing, ...nothing, doneUntil, etags };
}

async function readChanges(scene: Scene, cursor: ChangeCursor): Promise<Reading> {
	const { server, watch, floor, now, signal } = scene;
	const poll = new Poll(server, watch, floor);
	const candidates = await readCandidates(server, { floor, now }, signal);
	const listing = await readList(scene);
	const known = cursor.known === null ? null : IdInventory.fromText(cursor.known);
	const listed = listing?.ids ?? null;
	const seen = SeenVersions.fromText(cursor.seen);
	await poll.takeCandidates(candidates, seen, { known, listed });
	const doneUntil = now - watch.overlapMs;
	const done = { poll, listing, seen, doneUntil, etags: candidates.etags };
	if (known === null || listed === null) return { ...done, unreported: new Set(), unasked: [] };
	const unreported = new Set(await poll.takeNewlyListed(known, listed, seen));
	return { ...done, unreported, unasked: await poll.takeDeleted(known, listed, now) };
}

function* knownIds({ listing, unreported, unasked }: Reading): Generator<string> {
	for (const id of listing?.ids ?? []) if (!unreported.has(id)) yield id;
	yield* unasked;
}

/**
 * Finds what changed since `kept`, the cursor of the poll before; without one it only sets the mark. The
 * caller keeps the new cursor when it has taken the changes; after an exception the old one stays good.
 *
 * Throws `invalid_option`, `limit_exceeded`, `server_changed`, and what the server's adapter throws.
 */
export async function findChanges(
	server: ChangeServer,
	watch: Watch,
	kept: unknown,
	signal: AbortSignal,
): Promise<FoundChanges> {
	throwIfAborted(signal);
	if (watch.query !== null) idQuery(watch.query);
	const cursor = parseCursor(kept, watch);
	const { etag, time: now } = await server.count(PROBE);
	if (cursor !== undefined && isIdle(cursor, etag, now, watch.overlapMs)) {
		return { changes: [], cursor, hasMore: false, isFirst: false };
	}
	// A server whose clock was set back writes before the floor.
	const isNew = cursor === undefined || now < cursor.floor.time;
	const floor = isNew ? { time: now - watch.overlapMs, id: '' } : cursor.floor;
	const scene = { server, watch, floor, now, signal };
	const reading = cursor === undefined ? await setMark(scene) : await readChanges(scene, cursor);
	const { poll, listing, doneUntil } = reading;
	const settled = poll.settle(doneUntil, reading.seen);
	const etags = listing === null ? reading.etags : [...reading.etags, listing.etag];
	const isSteady = !poll.hasMore && etags.every((one) => one === etag);
	return {
		changes: poll.changes,
		cursor: {
			format: 1,
			watch: watchKey(watch),
			etag: isSteady ? etag : null,
			floor: settled.floor,
			seen: settled.seen.toText(),
			known: listing === null ? null : knownText(IdInventory.of(knownIds(reading))),
		},
		hasMore: poll.hasMore,
		isFirst: cursor === undefined,
	};
}

/** The entity that a watch found last, as a change: something real to build a workflow with. */
export async function sampleChange(
	server: ChangeServer,
	{ query }: Pick<Watch, 'query'>,
): Promise<EntityChange | undefined> {
	const text = query ?? EVERYTHING;
	idQuery(text);
	const { total } = await server.heads(text, { index: 0, length: 1 });
	if (total === 0) return undefined;
	const { found } = await server.heads(text, { index: total - 1, length: 1 });
	const [head] = found;
	return head && changeOf(head.before === null ? 'inserted' : 'updated', head);
}
