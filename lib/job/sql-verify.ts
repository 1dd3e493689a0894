import type { JobContext } from '../core/index.ts';
import {
	type DumpDefiners,
	type SqlEndpoint,
	checkRestore,
	demandNoObstacle,
} from '../sql/index.ts';
import { readDumpSource } from './dump-source.ts';
import { type JobReport, counted, sizeText, timesSince } from './report.ts';
import type { Source } from './source.ts';

export interface SqlVerifyInput {
	readonly endpoint: SqlEndpoint;
	/** What would be restored; it is not touched. */
	readonly database: string;
	readonly source: Source;
	/** As for a restore. */
	readonly replace?: boolean;
	readonly allowOtherSessions?: boolean;
	readonly requireEnd?: boolean;
	readonly definer?: DumpDefiners;
}

export interface SqlVerifyReport extends JobReport {
	readonly database: string;
	readonly source: string;
	readonly backupSet?: string;
}

/** Reads a backup to its end and looks whether the server would take it; rejects when it would not. */
export async function sqlVerify(
	input: SqlVerifyInput,
	context: JobContext,
): Promise<SqlVerifyReport> {
	const start = new Date();
	const { source: given, ...options } = input;
	const { source, expected, check } = await readDumpSource(given, options, context);
	const more = expected === undefined ? {} : { expected };
	const preflight = await checkRestore({ ...options, ...more, check }, context);
	demandNoObstacle(preflight);
	const times = timesSince(start);
	const { database } = input;
	return {
		...{ kind: 'sqlVerify', status: 'complete', database, source: source.name },
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...times,
		summary:
			`The backup is whole and can be restored to ${database}: ${counted(check.tables.length, 'table')} with ` +
			`${counted(check.rows, 'row')}, ${counted(check.routines, 'routine')}, about ${sizeText(preflight.estimatedBytes)} on the server.`,
		warnings: [...source.warnings, ...preflight.warnings],
		details: { ...preflight, dump: check },
	};
}
