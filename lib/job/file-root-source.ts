import type { JobContext } from '../core/index.ts';
import { type OpenedSource, type Source, openSource } from './source.ts';

/** What of a backup is restored: the file root, or an extra folder of its set. */
export interface FileRootChoice {
	readonly source: Source;
	/** The name of an extra folder; absent or empty: the file root. */
	readonly folderName?: string;
}

/** Finds the archive; see `openSource`. */
export async function openFileRootSource(
	{ source, folderName = '' }: FileRootChoice,
	context: JobContext,
): Promise<OpenedSource> {
	if (folderName === '') return await openSource(source, 'fileRoot', context);
	return await openSource(source, 'folder', context, folderName);
}
