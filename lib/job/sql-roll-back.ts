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
	/** An earlier run had rolled back to the one that was named: nothing was to be done. */
	readonly wasDone: boolean;
}

/** Brings back what the last restore has replaced. */
export async function sqlRollBack(
	input: SqlRollBackInput,
	context: JobContext,
): Promise<SqlRollBackReport> {
	const start = new Date();
	const done = await rollBackDatabase(input, context);
	const { database, from, keptDatabase, wasDone } = done;
	const times = timesSince(start);
	const content = `the content of ${from} again (${counted(done.tables, 'table')}, ${counted(done.routines, 'routine')})`;
	const kept = keptDatabase === null ? '' : ` What it replaced is kept in ${keptDatabase}.`;
	const summary = wasDone
		? `Database ${database} had ${content} already: nothing was changed.${kept}`
		: `Database ${database} has ${content}, in ${durationText(times.durationMs)}.${kept}`;
	return {
		...{ kind: 'sqlRollBack', status: 'complete', database, from, keptDatabase, wasDone },
		...times,
		summary,
		warnings: [...done.recovered, ...done.warnings],
		details: { ...done },
	};
}
