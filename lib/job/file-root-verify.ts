import { dirname } from 'node:path';

import type { JobContext } from '../core/index.ts';
import { checkArchive } from '../tree/index.ts';
import { assertWhole } from './archive-chain.ts';
import { archiveContents } from './file-root-archive.ts';
import {
	type FileRootChoice,
	type FileRootSource,
	openFileRootSource,
	readFileRoot,
} from './file-root-source.ts';
import { type JobReport, durationText, timesSince } from './report.ts';

export interface FileRootVerifyReport extends JobReport {
	readonly source: string;
	readonly backupSet?: string;
}

/** The files beside the archive: a damaged index would be noticed when it is needed, which is too late. */
async function checkCompanions(
	{ file, artifact }: FileRootSource,
	signal: AbortSignal,
): Promise<void> {
	if (file === undefined) return;
	const set = { path: dirname(file.path), displayPath: dirname(file.displayPath) };
	for (const companion of artifact?.companions ?? []) await assertWhole(set, companion, signal);
}

/**
 * Reads an archive and the files beside it to their ends, and writes nothing: checksums, compression,
 * headers, names. Throws what reading and `checkArchive` throw.
 */
export async function fileRootVerify(
	input: FileRootChoice,
	context: JobContext,
): Promise<FileRootVerifyReport> {
	const start = new Date();
	const source = await openFileRootSource(input, context);
	await checkCompanions(source, context.signal);
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
