import { EngineError, throwIfAborted } from '../../core/index.ts';
import type { PageRange, QueryPage } from './change-server.ts';

/** How often a query begins anew because somebody wrote meanwhile. */
const MAX_STARTS = 8;

export interface PagedQuery<Found> {
	/** Entities per page. */
	readonly length: number;
	readonly read: (range: PageRange) => Promise<QueryPage<Found>>;
	/** Called before the first page, and again when all is read anew. */
	readonly begin: () => void;
	readonly take: (found: readonly Found[]) => void;
}

/** The pages of one pass; undefined when the database changed between them. */
async function readOnce<Found>(
	{ length, read, begin, take }: PagedQuery<Found>,
	signal: AbortSignal,
): Promise<{ readonly etag: string | null } | undefined> {
	begin();
	let total = 0;
	let etag: string | null = null;
	for (let index = 0; index === 0 || index < total; index += length) {
		throwIfAborted(signal);
		const page = await read({ index, length });
		const isFirst = index === 0;
		if (!isFirst && (page.etag !== etag || page.total !== total)) return undefined;
		({ total, etag } = page);
		if (page.found.length !== Math.min(length, total - index)) return undefined;
		take(page.found);
	}
	return { etag };
}

/**
 * Reads all that a query finds, as of one state of the database; the etag of that state. Throws
 * `server_changed` when somebody writes all the time.
 */
export async function readPages<Found>(
	query: PagedQuery<Found>,
	signal: AbortSignal,
): Promise<string | null> {
	for (let start = 0; start < MAX_STARTS; start++) {
		const done = await readOnce(query, signal);
		if (done !== undefined) return done.etag;
	}
	throw new EngineError(
		'server_changed',
		'The server changed while a query was read, again and again',
		{
			remedy:
				'The next poll tries again. If this recurs, watch fewer entities by a narrower query.',
			details: { starts: MAX_STARTS },
		},
	);
}
