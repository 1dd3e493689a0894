import type { JobContext } from '../core/index.ts';
import { type ServerInfo, type SqlEndpoint, checkConnection } from '../sql/index.ts';

export interface SqlCheckInput {
	readonly endpoint: SqlEndpoint;
	/** Absent: only the server and the account are tried. */
	readonly database?: string;
}

/** Connects and says who answers: for the test of a credential. */
export async function sqlCheck(input: SqlCheckInput, context: JobContext): Promise<ServerInfo> {
	return await checkConnection(input.endpoint, input.database, context.signal);
}
