import type { JobContext } from '../core/index.ts';
import {
	CaosDbClient,
	type ChangeCursor,
	ClientChangeServer,
	type EntityChange,
	type Watch,
	findChanges,
	sampleChange,
} from '../entity/index.ts';

export interface EntityChangesInput {
	readonly watch: Watch;
	/** What the poll before returned as `cursor`; absent at the first one, which sets the mark. */
	readonly cursor?: unknown;
}

/** A change, flat enough for a message. */
export interface EntityChangeItem extends EntityChange {
	readonly kind: 'entityChange';
	/** One English sentence. */
	readonly summary: string;
}

export interface EntityChangesReport {
	readonly changes: readonly EntityChangeItem[];
	/** To be kept as it is, and given with the next poll. */
	readonly cursor: ChangeCursor;
	readonly hasMore: boolean;
	readonly isFirst: boolean;
}

function subject({ role, name, path, id }: EntityChange): string {
	const what = role === null || role === 'Entity' ? 'Entity' : role;
	const called = name ?? path;
	return called === null ? `${what} ${id}` : `${what} '${called}' (id ${id})`;
}

function itemOf(change: EntityChange): EntityChangeItem {
	const { event, time, username } = change;
	const who = username === null ? '' : ` by ${username}`;
	const when = time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
	const done = event === 'deleted' ? 'was deleted, as was found at' : `was ${event}${who} at`;
	return { kind: 'entityChange', ...change, summary: `${subject(change)} ${done} ${when}.` };
}

function clientOf({ ports, signal }: JobContext): ClientChangeServer {
	return new ClientChangeServer(new CaosDbClient({ http: ports.http, signal }));
}

/** Finds what changed since the poll before. */
export async function entityChanges(
	{ watch, cursor }: EntityChangesInput,
	context: JobContext,
): Promise<EntityChangesReport> {
	const found = await findChanges(clientOf(context), watch, cursor, context.signal);
	return { ...found, changes: found.changes.map(itemOf) };
}

/** A change that could be found, of an entity that is there; null when the watch finds none. */
export async function entityChangeSample(
	{ watch }: Pick<EntityChangesInput, 'watch'>,
	context: JobContext,
): Promise<EntityChangeItem | null> {
	const change = await sampleChange(clientOf(context), watch);
	return change === undefined ? null : itemOf(change);
}
