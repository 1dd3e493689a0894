import type { Compression, Folder } from '../artifact/index.ts';
import { EngineError, type JobContext } from '../core/index.ts';
import { type TreeSelection, type TreeSummary, archiveTree } from '../tree/index.ts';
import { type Destination, storeArtifact } from './destination.ts';
import { type BackupReport, backupReport, counted, sizeText } from './report.ts';

/** What of a file root is wanted, and what is done about problems. */
export type FileRootSelection = Omit<TreeSelection, 'root' | 'displayRoot' | 'restless'>;

export interface FileRootArchiveInput {
	/** The folder to archive. */
	readonly root: Folder;
	/** Default: all of it, and every problem is an error. */
	readonly selection?: FileRootSelection;
	readonly destination: Destination;
	readonly compression: Compression;
	/** Read the artifact back after writing. */
	readonly verify: boolean;
}

const INDEX = { role: 'index', extension: '.index.jsonl' } as const;

/** A tree that changes while it is read is archived again from its beginning, so often at most. */
const TRIES = 3;
/** With skipping, files that change again are left out, so more tries lead to an end. */
const TRIES_WITH_SKIPPING = 10;

/** What is in an archive, for a sentence. */
export function archiveContents({
	files,
	folders,
	symbolicLinks,
	contentBytes,
}: Pick<TreeSummary, 'files' | 'folders' | 'symbolicLinks' | 'contentBytes'>): string {
	return (
		`${counted(files, 'file')} (${sizeText(contentBytes)}), ${counted(folders, 'folder')}, ` +
		counted(symbolicLinks, 'symbolic link')
	);
}

async function archiveOnce(
	input: FileRootArchiveInput,
	restless: readonly string[],
	context: JobContext,
): Promise<BackupReport> {
	const start = new Date();
	const { root, selection, destination, compression, verify } = input;
	let summary: (() => TreeSummary) | undefined;
	const status = (): 'partial' | 'complete' =>
		(summary?.().skippedEntries ?? 0) > 0 ? 'partial' : 'complete';
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
		async (set) => {
			const sink = set?.companion(INDEX);
			const tree = await archiveTree(
				{ ...selection, root: root.path, displayRoot: root.displayPath, restless },
				{ ...context, paths: context.ports.paths },
				...(sink === undefined ? [] : [{ sink, part: 0 }]),
			);
			summary = () => tree.summary();
			return { chunks: tree.chunks, details: () => ({ ...tree.summary() }), status };
		},
		context,
	);
	const archived = summary?.();
	const report = backupReport('fileRoot', start, stored, {
		subject: `File root ${root.displayPath}`,
		contents: archived === undefined ? '' : `: ${archiveContents(archived)}`,
		warnings: archived?.warnings ?? [],
		details: { ...archived },
	});
	return { ...report, status: status() };
}

/**
 * Archives a folder to a destination. A tree that changed while it was read is tried again; a file that
 * changes every time is an error, or left out if the selection lets problems be skipped.
 */
export async function fileRootArchive(
	input: FileRootArchiveInput,
	context: JobContext,
): Promise<BackupReport> {
	const skips = input.selection?.onProblem === 'skip';
	const changes = new Map<string, number>();
	for (let tries = 1; ; tries++) {
		const restless = [...changes].filter(([, count]) => count > 1).map(([path]) => path);
		try {
			return await archiveOnce(input, skips ? restless : [], context);
		} catch (error) {
			const isChange = error instanceof EngineError && error.code === 'tree_entry_changed';
			const path = isChange ? error.details.path : undefined;
			const isLast = tries === (skips ? TRIES_WITH_SKIPPING : TRIES);
			if (typeof path !== 'string' || isLast || context.signal.aborted) throw error;
			changes.set(path, (changes.get(path) ?? 0) + 1);
		}
	}
}
