import type { Compression, Folder } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import { type TreeSummary, archiveTree } from '../tree/index.ts';
import { type Destination, storeArtifact } from './destination.ts';
import { type BackupReport, backupReport, counted, sizeText } from './report.ts';

export interface FileRootArchiveInput {
	/** The folder to archive. */
	readonly root: Folder;
	readonly destination: Destination;
	readonly compression: Compression;
	/** Read the artifact back after writing. */
	readonly verify: boolean;
}

function contents({ files, folders, symbolicLinks, contentBytes }: TreeSummary): string {
	return (
		`${counted(files, 'file')} (${sizeText(contentBytes)}), ${counted(folders, 'folder')}, ` +
		counted(symbolicLinks, 'symbolic link')
	);
}

/** Archives a folder to a destination. */
export async function fileRootArchive(
	input: FileRootArchiveInput,
	context: JobContext,
): Promise<BackupReport> {
	const start = new Date();
	const { root, destination, compression, verify } = input;
	let summary: (() => TreeSummary) | undefined;
	const stored = await storeArtifact(
		destination,
		{
			kind: 'fileRoot',
			stem: 'caosroot',
			extension: '.tar',
			mimeType: 'application/x-tar',
			compression,
			verify,
			framed: false,
		},
		async () => {
			const tree = await archiveTree(
				{ root: root.path, displayRoot: root.displayPath },
				{ ...context, paths: context.ports.paths },
			);
			summary = () => tree.summary();
			return { chunks: tree.chunks, details: () => ({ ...tree.summary() }) };
		},
		context,
	);
	const archived = summary?.();
	return backupReport('fileRoot', start, stored, {
		subject: `File root ${root.displayPath}`,
		contents: archived === undefined ? '' : `: ${contents(archived)}`,
		warnings: archived?.warnings ?? [],
		details: { ...archived },
	});
}
