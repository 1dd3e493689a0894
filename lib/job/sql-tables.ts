import type { JobContext } from '../core/index.ts';
import { type SqlEndpoint, listTables } from '../sql/index.ts';
import { counted, sizeText } from './report.ts';

export interface SqlTablesInput {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
}

/** A choice of a list in the editor. */
export interface TableChoice {
	readonly name: string;
	readonly kind: 'table' | 'view';
	/** e.g. `About 300,259 rows, 30.1 MB`. */
	readonly description: string;
}

/** Lists the tables and views of a database, for the editor. */
export async function sqlTables(
	{ endpoint, database }: SqlTablesInput,
	context: JobContext,
): Promise<readonly TableChoice[]> {
	const tables = await listTables(endpoint, database, context);
	return tables.map(({ name, kind, rows, bytes }) => ({
		name,
		kind,
		description: kind === 'view' ? 'View' : `About ${counted(rows, 'row')}, ${sizeText(bytes)}`,
	}));
}
