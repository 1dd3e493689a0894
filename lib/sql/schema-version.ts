import { EngineError } from '../core/index.ts';
import type { Catalog } from './catalog.ts';
import { optionalText } from './cells.ts';
import type { SqlConnection } from './connection.ts';

/** The function is CaosDB's; its answer is a constant. The account need not be allowed to call it. */
export async function readSchemaVersion(
	connection: SqlConnection,
	{ routines }: Pick<Catalog, 'routines'>,
): Promise<{ readonly version: string | null; readonly warnings: readonly string[] }> {
	const present = routines.some(
		({ type, name }) => type === 'FUNCTION' && name === 'CaosDBVersion',
	);
	if (!present) return { version: null, warnings: [] };
	try {
		const { rows } = await connection.rows('SELECT CaosDBVersion()');
		return { version: optionalText(rows[0]?.[0]), warnings: [] };
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		const warning = `The schema version is unknown: CaosDBVersion() cannot be called (${error.message}).`;
		return { version: null, warnings: [warning] };
	}
}
