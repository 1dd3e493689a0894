import { type ArtifactEntry, readArtifact } from '../artifact/index.ts';
import { EngineError, type JobContext } from '../core/index.ts';
import {
	type DumpCheck,
	type ExpectedContent,
	type RestoreReport,
	type SqlEndpoint,
	checkDump,
	restoreDatabase,
} from '../sql/index.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';
import { type OpenedSource, type Source, openSource } from './source.ts';

export interface SqlRestoreInput {
	readonly endpoint: SqlEndpoint;
	/** Created when it is missing, else it must be empty. */
	readonly database: string;
	readonly source: Source;
}

export interface SqlRestoreReport extends JobReport {
	readonly database: string;
	readonly source: string;
	readonly backupSet?: string;
}

/** What the backup wrote into the manifest; its shape was checked when the manifest was made. */
function expectedContent({ details }: ArtifactEntry): ExpectedContent {
	const lists = ['tables', 'views', 'routines', 'triggers', 'events', 'sequences'];
	const complete = lists.every((name) => Array.isArray(details[name]));
	if (complete && typeof details.database === 'object' && details.database !== null) {
		return details as unknown as ExpectedContent;
	}
	throw new EngineError('manifest_invalid', 'The manifest does not describe its SQL artifact', {
		remedy: 'It was changed. Use another copy of the set, or restore the dump as a file.',
	});
}

/** Reads everything once before anything is changed: checksum, compression, statements, trailer. */
async function check(source: OpenedSource, context: JobContext): Promise<DumpCheck> {
	const reading = await readArtifact(source.openBytes, context.signal, source.artifact);
	const checked = await checkDump(reading.chunks, context);
	reading.assertEnded();
	return checked;
}

/** Loads a dump into a database that is missing or empty; on any failure it is so again. */
export async function sqlRestore(
	input: SqlRestoreInput,
	context: JobContext,
): Promise<SqlRestoreReport> {
	const start = new Date();
	const source = await openSource(input.source, 'sql', context);
	const expected = source.artifact === undefined ? undefined : expectedContent(source.artifact);
	const checked = await check(source, context);
	const reading = await readArtifact(source.openBytes, context.signal, source.artifact);
	const { endpoint, database } = input;
	const restored = await restoreDatabase(
		{ endpoint, database, chunks: reading.chunks, ...(expected === undefined ? {} : { expected }) },
		context,
	);
	reading.assertEnded();
	return report(input, start, source, { checked, restored });
}

function report(
	{ database }: SqlRestoreInput,
	start: Date,
	source: OpenedSource,
	{ checked, restored }: { checked: DumpCheck; restored: RestoreReport },
): SqlRestoreReport {
	const times = timesSince(start);
	const verified = source.artifact === undefined ? 'the dump itself' : 'its manifest';
	return {
		kind: 'sqlRestore',
		status: 'complete',
		database,
		source: source.name,
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...times,
		summary:
			`Database ${database} was restored in ${durationText(times.durationMs)} and compared with ${verified}: ` +
			`${counted(restored.tables.length, 'table')} with ${counted(restored.rows, 'row')}, ` +
			`${counted(restored.routines, 'routine')}.`,
		warnings: [...source.warnings, ...restored.warnings],
		details: { ...restored, origin: checked.origin },
	};
}
