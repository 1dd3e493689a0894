import { EngineError } from '../../core/index.ts';
import { readPages } from './change-pages.ts';
import type { ChangeServer } from './change-server.ts';
import { type IdInventory, IdInventoryBuilder } from './id-inventory.ts';

/** Ids only, a few hundred bytes each. */
const PAGE_LENGTH = 5000;
/** Characters of the known ids: n8n's database keeps them with the workflow. */
const KNOWN_LIMIT = 1_000_000;

/** The same query for ids alone. Throws `invalid_option`. */
export function idQuery(query: string): string {
	const rest = /^\s*FIND\s+(.*)$/is.exec(query)?.[1];
	if (rest !== undefined) return `SELECT id FROM ${rest}`;
	throw new EngineError('invalid_option', 'The query to watch does not begin with FIND', {
		remedy: "Give a query such as 'FIND RECORD Experiment'.",
	});
}

export interface Listing {
	readonly ids: IdInventory;
	/** The state of the database in which they were found. */
	readonly etag: string | null;
}

/** What the watched query finds now. */
export async function readListing(
	server: ChangeServer,
	query: string,
	signal: AbortSignal,
): Promise<Listing> {
	let builder = new IdInventoryBuilder();
	const read = async (text: string): Promise<string | null> =>
		await readPages(
			{
				length: PAGE_LENGTH,
				read: async (range) => await server.ids(text, range),
				begin: () => (builder = new IdInventoryBuilder()),
				take: (ids) => ids.forEach((id) => builder.add(id)),
			},
			signal,
		);
	const etag = await read(idQuery(query)).catch(async (error: unknown) => {
		// A server that does not select ids can still find the entities, at a higher price.
		if (!(error instanceof EngineError) || error.code !== 'server_refused') throw error;
		return await read(query);
	});
	return { ids: builder.build(), etag };
}

/** Ids as a cursor keeps them. Throws `limit_exceeded`. */
export function knownText(ids: IdInventory): string {
	const text = ids.toText();
	if (text.length <= KNOWN_LIMIT) return text;
	throw new EngineError(
		'limit_exceeded',
		`${ids.size} entities are too many to watch by their ids`,
		{
			remedy: "Give a query that finds fewer, or watch everything without the event 'Deleted'.",
			details: { characters: text.length, limit: KNOWN_LIMIT },
		},
	);
}
