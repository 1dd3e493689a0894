import type { JobContext } from '../core/index.ts';
import { checkArchive } from '../tree/index.ts';
import { archiveContents } from './file-root-archive.ts';
import { type FileRootChoice, openFileRootSource, readFileRoot } from './file-root-source.ts';
import { type JobReport, durationText, timesSince } from './report.ts';

export interface FileRootVerifyReport extends JobReport {
	readonly source: string;
	readonly backupSet?: string;
}

/** Reads an archive to its end, and writes nothing: checksums, compression, headers, names. */
export async function fileRootVerify(
	input: FileRootChoice,
	context: JobContext,
): Promise<FileRootVerifyReport> {
	const start = new Date();
	const source = await openFileRootSource(input, context);
	const reading = readFileRoot(source, context);
	const found = await checkArchive(reading.chunks, context);
	reading.assertEnded();
	const times = timesSince(start);
	const how = source.artifact === undefined ? '' : ', and its checksums agree with the manifest';
	return {
		kind: 'fileRootVerify',
		status: 'complete',
		source: source.name,
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...times,
		summary: `The archive ${source.name} is whole: ${archiveContents(found)}${how}. It was read in ${durationText(times.durationMs)}.`,
		warnings: source.warnings,
		details: { ...found },
	};
}
