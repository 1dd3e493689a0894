import { CONNECTIONS_MAX, demandInteger } from './dump-content.ts';
import type { ExpectedContent } from './restore-report.ts';

/** How much a dump holds. */
export interface LoadSize {
	readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>;
	/** Of SQL text; absent: judged by the rows. */
	readonly bytes?: number;
}

export interface LoadPlan {
	readonly connections: number;
	/** Whether secondary and foreign keys come after the rows. */
	readonly defersKeys: boolean;
	/** Tables whose secondary keys are made with them all the same: to make one later costs more. */
	readonly smallTables: ReadonlySet<string>;
}

const CONNECTIONS = 2;
/** So little is loaded before a second connection and keys of their own have paid for themselves. */
const SMALL_ROWS = 20_000;
const SMALL_BYTES = 8 * 1024 * 1024;
const SMALL_TABLE_ROWS = 2_000;

/** Throws `invalid_option`. */
export function demandConnections(connections: number | undefined): void {
	if (connections !== undefined) demandInteger('connections', connections, 1, CONNECTIONS_MAX);
}

/** `connections`: as somebody wished; with several, tables are made in any order, so keys come later. */
export function planLoad(options: {
	readonly expected?: ExpectedContent | undefined;
	readonly size?: LoadSize | undefined;
	readonly connections?: number | undefined;
}): LoadPlan {
	const { expected, size = expected } = options;
	const isSmall = size !== undefined && isSmallLoad(size);
	const connections = options.connections ?? (isSmall ? 1 : CONNECTIONS);
	const small = size?.tables.filter(({ rows }) => rows < SMALL_TABLE_ROWS) ?? [];
	const smallTables = new Set(small.map(({ name }) => name));
	return { connections, defersKeys: !isSmall || connections > 1, smallTables };
}

function isSmallLoad({ tables, bytes = 0 }: LoadSize): boolean {
	const rows = tables.reduce((sum, table) => sum + table.rows, 0);
	return rows < SMALL_ROWS && bytes < SMALL_BYTES;
}
