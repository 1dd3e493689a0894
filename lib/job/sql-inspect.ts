import type { JobContext } from '../core/index.ts';
import {
	type DatabaseInspection,
	type DumpContentOptions,
	type SqlEndpoint,
	inspectDatabase,
} from '../sql/index.ts';
import { type JobReport, counted, sizeText, timesSince } from './report.ts';

export interface SqlInspectInput {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** Absent: the whole database. */
	readonly content?: DumpContentOptions;
}

export interface SqlInspectReport extends JobReport {
	readonly database: string;
	/** e.g. `MariaDB 11.8.9`. */
	readonly server: string;
	readonly schemaVersion: string | null;
	/** Whether a backup would begin. */
	readonly ready: boolean;
	/** What hinders it, one English sentence each. */
	readonly problems: readonly string[];
	/** The statements that give the account all that it lacks. */
	readonly missingGrants: readonly string[];
	readonly tables: number;
	/** Estimate of the server. */
	readonly rows: number;
	/** Of the rows on the server's disk; estimate. */
	readonly bytes: number;
	readonly sizeText: string;
	readonly views: number;
	readonly routines: number;
	readonly triggers: number;
	readonly events: number;
	readonly sequences: number;
}

/** Tells what a backup of the database would find and hold; writes nothing anywhere. */
export async function sqlInspect(
	input: SqlInspectInput,
	context: JobContext,
): Promise<SqlInspectReport> {
	const start = new Date();
	const found = await inspectDatabase(input, context);
	const { problems, missingGrants, warnings, schemaVersion, ...details } = found;
	const sum = (part: 'rows' | 'bytes') =>
		found.tables.reduce((total, table) => total + table[part], 0);
	const vendor = found.server.vendor === 'mariadb' ? 'MariaDB' : 'MySQL';
	const counts = {
		tables: found.tables.length,
		rows: sum('rows'),
		bytes: sum('bytes'),
		sizeText: sizeText(sum('bytes')),
		views: found.views.length,
		routines: found.routines.length,
		triggers: found.triggers.length,
		events: found.events.length,
		sequences: found.sequences.length,
	};
	return {
		kind: 'sqlInspect',
		status: 'complete',
		database: input.database,
		server: `${vendor} ${found.server.version}`,
		schemaVersion,
		ready: problems.length === 0,
		problems,
		missingGrants,
		...counts,
		...timesSince(start),
		summary: `${subject(input.database, found, counts)} ${verdict(found)}`,
		warnings,
		details: { ...details },
	};
}

function subject(
	database: string,
	{ schemaVersion, database: opened }: DatabaseInspection,
	counts: {
		readonly tables: number;
		readonly rows: number;
		readonly routines: number;
		readonly sizeText: string;
	},
): string {
	if (opened === null) return `Database ${database} cannot be opened.`;
	const version = schemaVersion === null ? '' : ` (schema ${schemaVersion})`;
	return `Database ${database}${version} holds ${counted(counts.tables, 'table')} with about ${counted(counts.rows, 'row')} (${counts.sizeText}) and ${counted(counts.routines, 'routine')}.`;
}

function verdict({ problems, missingGrants }: DatabaseInspection): string {
	if (problems.length === 0) return 'A backup would work.';
	const grants =
		missingGrants.length === 0
			? ''
			: ` An administrator of the database server runs: ${missingGrants.join(' ')}`;
	return `A backup would fail: ${problems[0] ?? ''}${grants}`;
}
