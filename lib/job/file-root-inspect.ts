import type { Folder } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import { type TreeInspection, inspectTree } from '../tree/index.ts';
import { archiveContents } from './file-root-archive.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';
import type { FileRootSelection } from './tree-archive.ts';

export interface FileRootInspectInput {
	readonly root: Folder;
	/** As for an archive. */
	readonly selection?: FileRootSelection;
}

export interface FileRootInspectReport extends JobReport {
	readonly path: string;
	/** Entries that would end an archive, or be skipped. */
	readonly problemEntries: number;
}

function problemWarnings(found: TreeInspection): string[] {
	const { blockedEntries, unreadableEntries, unsupportedEntries, readRemedy } = found;
	const warnings: string[] = [];
	if (blockedEntries > 0) {
		warnings.push(
			`n8n may not access ${counted(blockedEntries, 'entry', 'entries')}: see N8N_BLOCK_FILE_PATTERNS, or exclude them.`,
		);
	}
	if (unreadableEntries > 0) {
		warnings.push(
			`${counted(unreadableEntries, 'entry', 'entries')} cannot be read. Run: ${readRemedy ?? ''}`,
		);
	}
	if (unsupportedEntries > 0) {
		warnings.push(
			`${counted(unsupportedEntries, 'socket, named pipe or device', 'sockets, named pipes or devices')} cannot be archived.`,
		);
	}
	return warnings;
}

/** Tells what an archive of a folder would hold and stumble over; reads no file and writes nothing. */
export async function fileRootInspect(
	{ root, selection }: FileRootInspectInput,
	context: JobContext,
): Promise<FileRootInspectReport> {
	const start = new Date();
	const found = await inspectTree(
		{ ...selection, root: root.path, displayRoot: root.displayPath },
		{ ...context, paths: context.ports.paths },
	);
	const problemEntries = found.blockedEntries + found.unreadableEntries + found.unsupportedEntries;
	const times = timesSince(start);
	const verdict =
		problemEntries === 0
			? 'nothing stands in the way of an archive'
			: `${counted(problemEntries, 'entry', 'entries')} would end an archive`;
	return {
		kind: 'fileRootInspect',
		status: 'complete',
		path: root.displayPath,
		problemEntries,
		...times,
		summary: `File root ${root.displayPath} was inspected in ${durationText(times.durationMs)}: ${archiveContents(found)}; ${verdict}.`,
		warnings: problemWarnings(found),
		details: { ...found },
	};
}
