import { type EngineContext, throwIfAborted } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { KillableSession } from './killable-session.ts';

/** Where something is read, and over how many connections at once. */
export interface ReadPlace {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	readonly connections: number;
}

/** What is read, in this order, each by the next connection that is free. */
export interface ReadWork<T> {
	/** Called once for each connection, for the first one alone first; tells what there is to read. */
	readonly begin: (connection: SqlConnection) => Promise<void>;
	readonly next: () => T | undefined;
	readonly read: (connection: SqlConnection, item: T) => Promise<void>;
}

/** Reads over connections of their own. Throws the first error; no connection is left behind. */
export async function readOverSessions<T>(
	{ endpoint, database, connections }: ReadPlace,
	{ begin, next, read }: ReadWork<T>,
	ctx: EngineContext,
): Promise<void> {
	const sessions: KillableSession[] = [];
	const open = async (): Promise<SqlConnection> => {
		const session = await KillableSession.open(endpoint, database, ctx.signal);
		sessions.push(session);
		await begin(session.connection);
		return session.connection;
	};
	const work = async (connection: SqlConnection): Promise<void> => {
		for (let item = next(); item !== undefined; item = next()) {
			throwIfAborted(ctx.signal);
			await read(connection, item);
		}
	};
	try {
		const first = await open();
		const others = Array.from({ length: connections - 1 }, async () => await work(await open()));
		await Promise.all([work(first), ...others]);
	} finally {
		await Promise.all(sessions.map(async (session) => await session.close()));
	}
}
