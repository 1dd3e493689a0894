import { EngineError } from '../../core/index.ts';
import type { ChangeKind, Watch } from './change-watch.ts';

/** A place in the order of all changes: by time, then by id. */
export interface ChangePlace {
	/** Milliseconds since 1970 by the server's clock. */
	readonly time: number;
	readonly id: string;
}

/**
 * How far a watch has come: plain data, to be kept between polls. All changes up to `floor` are done; of
 * those behind it, the ones in `seen` are.
 */
export interface ChangeCursor {
	readonly format: 1;
	/** What is watched; for another watch a cursor says nothing. */
	readonly watch: string;
	/** Of the database when everything was done; null when something was left. */
	readonly etag: string | null;
	readonly floor: ChangePlace;
	/** Text of SeenVersions. */
	readonly seen: string;
	/** Text of an IdInventory: what the watched query found last; null when that is not needed. */
	readonly known: string | null;
}

/** Ids that are numbers in their order, before all others. */
function compareIds(left: string, right: string): number {
	const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)];
	if (isLeft && isRight && left.length !== right.length) return left.length - right.length;
	if (isLeft !== isRight) return isLeft ? -1 : 1;
	return left < right ? -1 : Number(left > right);
}

/** Less than zero when `left` comes first. */
export function comparePlaces(left: ChangePlace, right: ChangePlace): number {
	return left.time - right.time || compareIds(left.id, right.id);
}

/** The same text for the same watch, whatever the number of events per poll. */
export function watchKey({ server, query, events }: Watch): string {
	const kinds: ChangeKind[] = [...new Set(events)].sort();
	return JSON.stringify([server, query, kinds]);
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}

function isPlace(value: unknown): value is ChangePlace {
	if (typeof value !== 'object' || value === null) return false;
	return 'time' in value && Number.isSafeInteger(value.time) && 'id' in value && isText(value.id);
}

/**
 * What was kept, or undefined when nothing was, or it belongs to another watch: then a watch begins anew.
 * Throws `invalid_option` when it is no cursor at all.
 */
export function parseCursor(kept: unknown, watch: Watch): ChangeCursor | undefined {
	if (kept === undefined || kept === null) return undefined;
	const cursor = kept as Partial<Record<keyof ChangeCursor, unknown>>;
	const { format, watch: key, etag, floor, seen, known } = cursor;
	const isWhole =
		format === 1 &&
		(isText(etag) || etag === null) &&
		(isText(known) || known === null) &&
		isText(seen) &&
		isPlace(floor) &&
		isText(key);
	if (!isWhole) {
		throw new EngineError('invalid_option', 'The mark of the last poll cannot be read', {
			remedy: 'Put a new CaosDB Trigger in the place of this one; it begins anew.',
		});
	}
	const { time, id } = floor;
	if (key !== watchKey(watch)) return undefined;
	return { format, watch: key, etag, floor: { time, id }, seen, known };
}
