import type { BaseEntry } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import type { TreeSummary } from '../tree/index.ts';
import { type ExtraFolder, storeFolders } from './extra-folders.ts';
import { type BackupReport, backupReport, counted, sizeText } from './report.ts';
import { type TreeArchiveInput, storeTree } from './tree-archive.ts';

export interface FileRootArchiveInput extends Omit<TreeArchiveInput, 'name'> {
	/** Archived under their names in the same set. Default: none. */
	readonly folders?: readonly ExtraFolder[];
}

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

/** How much of that is in this archive. */
function storedText({ increment }: TreeSummary, base: BaseEntry | undefined): string {
	if (increment === undefined || base === undefined) return '';
	const { storedFiles, storedBytes, deletedEntries } = increment;
	return (
		`; stored are the changes since ${base.set}: ${counted(storedFiles, 'file')} ` +
		`(${sizeText(storedBytes)}), ${counted(deletedEntries, 'deletion')}`
	);
}

function withFolders(names: readonly string[]): string {
	if (names.length === 0) return '';
	return `; with ${counted(names.length, 'extra folder')}: ${names.join(', ')}`;
}

/**
 * Archives a file root to a destination, and extra folders to the same set. Throws `invalid_option`, what
 * is wrong with the destination, `tree_files_missing`, and what `archiveTree` throws.
 */
export async function fileRootArchive(
	{ folders = [], incremental, ...input }: FileRootArchiveInput,
	context: JobContext,
): Promise<BackupReport> {
	const start = new Date();
	const { onProblem = 'abort', onBlocked = 'abort' } = input.selection ?? {};
	// What is left out of the file root is no rule for other folders; what may be skipped is.
	const shared = { ...input, selection: { onProblem, onBlocked } };
	const extra = await storeFolders(folders, shared, context);
	const { destination } = extra;
	const archive = await storeTree(
		{ ...input, destination, ...(incremental === undefined ? {} : { incremental }) },
		context,
	);
	const { stored, summary, check, status, base } = archive;
	const names = extra.folders.map(({ name }) => name);
	const report = backupReport('fileRoot', start, stored, {
		subject: `File root ${input.root.displayPath}`,
		contents: `: ${archiveContents(summary)}${storedText(summary, base)}${check.text}${withFolders(names)}`,
		warnings: [...archive.warnings, ...summary.warnings, ...check.warnings, ...extra.warnings],
		details: {
			...{ ...summary, ...check.details },
			...(base === undefined ? {} : { base: base.set }),
			...(names.length === 0 ? {} : { extraFolders: extra.folders }),
		},
	});
	return { ...report, status: extra.isPartial ? 'partial' : status };
}
