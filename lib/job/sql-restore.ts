import type { Folder } from '../artifact/index.ts';
import { EngineError, type JobContext, toEngineError } from '../core/index.ts';
import {
	type DumpDefiners,
	type RestoreReport,
	type SqlEndpoint,
	checkRestore,
	demandNoObstacle,
	restoreDatabase,
} from '../sql/index.ts';
import { type DumpSource, openDump, withDumpSource } from './dump-source.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';
import { SafetyDump } from './safety-dump.ts';
import type { Source } from './source.ts';

export interface SqlRestoreInput {
	readonly endpoint: SqlEndpoint;
	/** Created when it is missing. */
	readonly database: string;
	readonly source: Source;
	/** Whether a database that is not empty may be replaced. Default false. */
	readonly replace?: boolean;
	/** Whether what is replaced stays beside it. Default true. */
	readonly keepOld?: boolean;
	/** Whether sessions that use the database are no reason to refuse. Default false. */
	readonly allowOtherSessions?: boolean;
	/** Whether a dump must say that it is complete. Default true. */
	readonly requireEnd?: boolean;
	readonly definer?: DumpDefiners;
	/** Gets a dump of what is replaced in place, when nothing can be kept beside it. */
	readonly safetyFolder?: Folder;
	/** Connections that load at once, 1 to 8. Default: 2, for a small dump 1. */
	readonly connections?: number;
}

export interface SqlRestoreReport extends JobReport {
	readonly database: string;
	readonly source: string;
	readonly backupSet?: string;
	/** The database with the old content; `null` when there was none, or it was not to be kept. */
	readonly keptDatabase: string | null;
	/** A dump of the old content that was replaced in place. */
	readonly safetyDump?: string;
}

/** Restores a dump; on any failure the database is as it was, or the error tells where its content lies. */
export async function sqlRestore(
	input: SqlRestoreInput,
	context: JobContext,
): Promise<SqlRestoreReport> {
	const start = new Date();
	const { source: given, ...options } = input;
	return await withDumpSource(
		given,
		options,
		context,
		async (dump) => await restoreDump(dump, { ...options, start }, context),
	);
}

async function restoreDump(
	dump: DumpSource,
	{ start, safetyFolder, ...options }: Omit<SqlRestoreInput, 'source'> & { readonly start: Date },
	context: JobContext,
): Promise<SqlRestoreReport> {
	const { expected, check } = dump;
	const more = expected === undefined ? {} : { expected };
	// Whether the target may be used is decided by the restore itself, after it has put right what an
	// interrupted run left there.
	const looking = { ...options, ...more, check, replace: true, allowOtherSessions: true };
	const preflight = await checkRestore(looking, context);
	demandNoObstacle(preflight);
	const safety =
		safetyFolder === undefined ? undefined : new SafetyDump(options, safetyFolder, context);
	const reading = openDump(dump, context);
	const restored = await restoreOrBringBack(safety, async () => {
		const safetyDump = safety === undefined ? {} : { safetyDump: async () => await safety.make() };
		return await restoreDatabase(
			{ ...options, ...more, ...safetyDump, ...reading, size: check },
			context,
		);
	});
	reading.assertEnded();
	const warnings = [...dump.source.warnings, ...preflight.warnings, ...restored.warnings];
	return report(dump, { start, restored, warnings, safetyDump: safety?.path });
}

async function restoreOrBringBack<T>(
	safety: SafetyDump | undefined,
	restore: () => Promise<T>,
): Promise<T> {
	try {
		return await restore();
	} catch (error) {
		const emptied = toEngineError(error);
		const { safetyDump: path } = emptied.details;
		// Only where content was dropped there is something to bring back.
		if (safety === undefined || typeof path !== 'string') throw emptied;
		const failure = await safety.bringBack(path).then(
			() => undefined,
			(caught: unknown) => toEngineError(caught),
		);
		if (failure !== undefined) throw notBroughtBack(emptied, failure);
		const cause = beneath(emptied);
		throw new EngineError(cause.code, `${cause.message}; the old content was brought back`, {
			remedy: `${cause.remedy ?? ''} A dump of the old content is ${path}.`.trim(),
			details: { ...cause.details, safetyDump: path },
			cause,
		});
	}
}

/** What it was before it told of the emptied database. */
function beneath(error: EngineError): EngineError {
	const { cause, details } = error;
	return details.safetyDump !== undefined && cause instanceof EngineError ? cause : error;
}

function notBroughtBack(emptied: EngineError, failure: EngineError): EngineError {
	const { remedy, details } = emptied;
	const message = `${emptied.message}; bringing it back failed too: ${beneath(failure).message}`;
	return new EngineError(emptied.code, message, { remedy, details, cause: failure });
}

function report(
	{ source, check, comparedWith }: DumpSource,
	made: {
		readonly start: Date;
		readonly restored: RestoreReport;
		readonly warnings: readonly string[];
		readonly safetyDump: string | undefined;
	},
): SqlRestoreReport {
	const { restored, safetyDump } = made;
	const { database, keptDatabase, recovered } = restored;
	const times = timesSince(made.start);
	const how = restored.verifiedBy === 'checksums' ? ' by checksums' : '';
	const kept = keptDatabase === null ? '' : ` The old content is kept in ${keptDatabase}.`;
	const safe = safetyDump === undefined ? '' : ` A dump of the old content is ${safetyDump}.`;
	return {
		...{ kind: 'sqlRestore', status: 'complete', database, source: source.name, keptDatabase },
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...(safetyDump === undefined ? {} : { safetyDump }),
		...times,
		summary:
			`Database ${database} was restored in ${durationText(times.durationMs)} and compared${how} with ${comparedWith}: ` +
			`${counted(restored.tables.length, 'table')} with ${counted(restored.rows, 'row')}, ` +
			`${counted(restored.routines, 'routine')}.${kept}${safe}`,
		warnings: [...recovered, ...made.warnings],
		details: { ...restored, origin: check.origin },
	};
}
