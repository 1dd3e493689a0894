import type { ArtifactReading, Folder } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import {
	type MemberChanges,
	type MemberLimits,
	assertFreeSpace,
	compareArchive,
	rehearseTree,
} from '../tree/index.ts';
import { expectedCounts, leastBytes } from './expected-tree.ts';
import { archiveContents } from './file-root-archive.ts';
import { linkWarnings } from './file-root-restore.ts';
import { type FileRootChoice, openFileRootSource, readFileRoot } from './file-root-source.ts';
import { type JobReport, durationText, timesSince } from './report.ts';

export interface FileRootRehearsalInput extends FileRootChoice {
	/** An empty folder to work in. */
	readonly scratch: Folder;
	readonly changes?: MemberChanges;
	readonly limits?: MemberLimits;
}

export interface FileRootRehearsalReport extends JobReport {
	readonly path: string;
	readonly source: string;
	readonly backupSet?: string;
}

/** Restores an archive into a scratch folder, compares what was made with the archive, and removes it. */
export async function fileRootRehearsal(
	input: FileRootRehearsalInput,
	context: JobContext,
): Promise<FileRootRehearsalReport> {
	const start = new Date();
	const { scratch, changes, limits } = input;
	const source = await openFileRootSource(input, context);
	assertFreeSpace(scratch.path, scratch.displayPath, leastBytes(source));
	const read = (): ArtifactReading => readFileRoot(source, context);
	const extracting = read();
	const changed = changes === undefined ? {} : { changes };
	const options = {
		target: scratch.path,
		displayTarget: scratch.displayPath,
		chunks: extracting.chunks,
		durable: false,
		...expectedCounts(source),
		...changed,
		...(limits === undefined ? {} : { limits }),
	};
	const restored = await rehearseTree(options, context, async (root) => {
		extracting.assertEnded();
		const comparing = read();
		await compareArchive({ chunks: comparing.chunks, root, ...changed }, context);
		comparing.assertEnded();
	});
	const times = timesSince(start);
	return {
		kind: 'fileRootRehearsal',
		status: 'complete',
		path: scratch.displayPath,
		source: source.name,
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...times,
		summary: `The archive ${source.name} was restored to ${scratch.displayPath}, compared and removed in ${durationText(times.durationMs)}: ${archiveContents(restored)}.`,
		warnings: [...source.warnings, ...restored.warnings, ...linkWarnings(restored)],
		details: { ...restored },
	};
}
