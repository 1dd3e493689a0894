import type { JobContext } from '../core/index.ts';
import {
	type DumpDefiners,
	type SqlEndpoint,
	checkRestore,
	demandNoObstacle,
	rehearseRestore,
} from '../sql/index.ts';
import { type DumpSource, openDump, withDumpSource } from './dump-source.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';
import type { Source } from './source.ts';

export interface SqlRehearsalInput {
	readonly endpoint: SqlEndpoint;
	/** What would be restored; it is not touched. */
	readonly database: string;
	readonly source: Source;
	/** Whether a dump must say that it is complete. Default true. */
	readonly requireEnd?: boolean;
	readonly definer?: DumpDefiners;
	/** Connections that load at once, 1 to 8. Default: 2, for a small dump 1. */
	readonly connections?: number;
}

export interface SqlRehearsalReport extends JobReport {
	readonly database: string;
	readonly source: string;
	readonly backupSet?: string;
	/** Where it was restored; gone again. */
	readonly scratchDatabase: string;
}

/** Restores a dump into a scratch database, compares, and drops it. */
export async function sqlRehearsal(
	input: SqlRehearsalInput,
	context: JobContext,
): Promise<SqlRehearsalReport> {
	const start = new Date();
	const { source: given, ...options } = input;
	return await withDumpSource(
		given,
		options,
		context,
		async (dump) => await rehearseDump(dump, { ...options, start }, context),
	);
}

async function rehearseDump(
	dump: DumpSource,
	{ start, ...options }: Omit<SqlRehearsalInput, 'source'> & { readonly start: Date },
	context: JobContext,
): Promise<SqlRehearsalReport> {
	const { source, expected, comparedWith } = dump;
	const more = expected === undefined ? {} : { expected };
	const looking = { ...options, ...more, check: dump.check };
	// The target itself is not used.
	const preflight = await checkRestore(
		{ ...looking, replace: true, allowOtherSessions: true },
		context,
	);
	demandNoObstacle(preflight);
	const reading = openDump(dump, context);
	const done = await rehearseRestore(
		{ ...options, ...more, ...reading, size: dump.check },
		context,
	);
	reading.assertEnded();
	const times = timesSince(start);
	const how = done.verifiedBy === 'checksums' ? ' by checksums' : '';
	return {
		...{ kind: 'sqlRehearsal', status: 'complete', database: done.database, source: source.name },
		...(source.set === undefined ? {} : { backupSet: source.set }),
		scratchDatabase: done.scratchDatabase,
		...times,
		summary:
			`The backup was restored into the scratch database ${done.scratchDatabase} in ${durationText(times.durationMs)}, ` +
			`compared${how} with ${comparedWith}, and dropped: ${counted(done.tables.length, 'table')} with ` +
			`${counted(done.rows, 'row')}, ${counted(done.routines, 'routine')}.`,
		warnings: [...done.recovered, ...source.warnings, ...preflight.warnings, ...done.warnings],
		details: { ...done, origin: dump.check.origin },
	};
}
