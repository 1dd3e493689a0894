import { type Folder, readArtifact } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import { type ExtractReport, checkArchive, extractTree } from '../tree/index.ts';
import { type JobReport, counted, durationText, sizeText, timesSince } from './report.ts';
import { type Source, openSource } from './source.ts';

export interface FileRootRestoreInput {
	/** An existing folder that is empty. */
	readonly target: Folder;
	readonly source: Source;
}

export interface FileRootRestoreReport extends JobReport {
	readonly path: string;
	readonly source: string;
	readonly backupSet?: string;
}

/** Extracts an archive into an empty folder; on any failure the folder is empty again. */
export async function fileRootRestore(
	input: FileRootRestoreInput,
	context: JobContext,
): Promise<FileRootRestoreReport> {
	const start = new Date();
	const { target, source: given } = input;
	const source = await openSource(given, 'fileRoot', context);
	// Everything is read once before anything is written: checksum, compression, names, end of archive.
	const checking = await readArtifact(source.openBytes, context.signal, source.artifact);
	const expected = await checkArchive(checking.chunks, context);
	checking.assertEnded();
	const reading = await readArtifact(source.openBytes, context.signal, source.artifact);
	const restored = await extractTree(
		{
			target: target.path,
			displayTarget: target.displayPath,
			chunks: reading.chunks,
			expected,
		},
		context,
	);
	reading.assertEnded();
	const times = timesSince(start);
	return {
		kind: 'fileRootRestore',
		status: 'complete',
		path: target.displayPath,
		source: source.name,
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...times,
		summary: `File root ${target.displayPath} was restored in ${durationText(times.durationMs)}: ${contents(restored)}.`,
		warnings: [...source.warnings, ...restored.warnings],
		details: { ...restored },
	};
}

function contents({ files, folders, symbolicLinks, contentBytes }: ExtractReport): string {
	return (
		`${counted(files, 'file')} (${sizeText(contentBytes)}), ${counted(folders, 'folder')}, ` +
		counted(symbolicLinks, 'symbolic link')
	);
}
