import type { JobContext } from '../core/index.ts';
import { type SqlEndpoint, rollBackDatabase } from '../sql/index.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';

export interface SqlRollBackInput {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** The kept database to go back to; absent: the newest. */
	readonly keptDatabase?: string;
	readonly allowOtherSessions?: boolean;
}

export interface SqlRollBackReport extends JobReport {
	readonly database: string;
	readonly from: string;
	/** The database with what was replaced; `null` when there was nothing. */
	readonly keptDatabase: string | null;
}

/** Brings back what the last restore has replaced. */
export async function sqlRollBack(
	input: SqlRollBackInput,
	context: JobContext,
): Promise<SqlRollBackReport> {
	const start = new Date();
	const done = await rollBackDatabase(input, context);
	const { database, from, keptDatabase } = done;
	const times = timesSince(start);
	const kept = keptDatabase === null ? '' : ` What it replaced is kept in ${keptDatabase}.`;
	return {
		...{ kind: 'sqlRollBack', status: 'complete', database, from, keptDatabase },
		...times,
		summary: `Database ${database} has the content of ${from} again (${counted(done.tables, 'table')}, ${counted(done.routines, 'routine')}), in ${durationText(times.durationMs)}.${kept}`,
		warnings: [...done.recovered, ...done.warnings],
		details: { ...done },
	};
}
