import { type ArtifactReading, locateSet, readArtifact } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import { type ChainLink, assertChainWhole, findChain, readChain } from './archive-chain.ts';
import { type OpenedSource, type Source, openSource } from './source.ts';

/** What of a backup is restored: the file root, or an extra folder of its set. */
export interface FileRootChoice {
	readonly source: Source;
	/** The name of an extra folder; absent or empty: the file root. */
	readonly folderName?: string;
}

export interface FileRootSource extends OpenedSource {
	/** Of an incremental archive: all that it builds on, and itself. */
	readonly chain?: readonly ChainLink[];
}

/**
 * Finds the archive, and those it builds on; see `openSource`. Throws `artifact_missing` when one of them
 * is not there, and `artifact_corrupt` when one is damaged: before anything is written.
 */
export async function openFileRootSource(
	{ source, folderName = '' }: FileRootChoice,
	context: JobContext,
): Promise<FileRootSource> {
	if (folderName !== '') return await openSource(source, 'folder', context, folderName);
	const opened = await openSource(source, 'fileRoot', context);
	if (source.kind !== 'set' || opened.artifact?.base === undefined) return opened;
	const { set, manifest } = await locateSet(source.set);
	const chain = await findChain(set, manifest, context);
	await assertChainWhole(chain, context.signal);
	return { ...opened, chain };
}

/** Reads the archive as a whole one, whatever it builds on; see `readArtifact`. */
export function readFileRoot(source: FileRootSource, { signal }: JobContext): ArtifactReading {
	if (source.chain !== undefined) return readChain(source.chain, signal);
	return readArtifact(source.openBytes, signal, source.artifact);
}
