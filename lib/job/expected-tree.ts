import type { ExpectedCounts } from '../tree/index.ts';
import type { FileRootSource } from './file-root-source.ts';

/** What a file takes beyond its bytes, on a disk with blocks of 4,096 bytes, on average. */
const ROUNDING_BYTES = 2048;

function numbers(details: Readonly<Record<string, unknown>>): ExpectedCounts | undefined {
	const { files, folders, symbolicLinks, hardLinks, contentBytes } = details;
	const all = { files, folders, symbolicLinks, hardLinks, contentBytes };
	const isCounted = Object.values(all).every((value) => Number.isSafeInteger(value));
	return isCounted ? (all as ExpectedCounts) : undefined;
}

/** What the manifest says about the tree, if there is one; an incremental archive counts the whole tree. */
export function expectedCounts({ artifact }: FileRootSource): { expected?: ExpectedCounts } {
	const expected = artifact === undefined ? undefined : numbers(artifact.details);
	return expected === undefined ? {} : { expected };
}

/**
 * Bytes that an archive is sure to take when it is extracted. Without a manifest, what it has as a file:
 * nobody compresses to more than there was.
 */
export function leastBytes(source: FileRootSource): number {
	const { artifact, storedBytes = 0 } = source;
	if (artifact === undefined) return storedBytes;
	const files = numbers(artifact.details)?.files ?? 0;
	return artifact.contentBytes + files * ROUNDING_BYTES;
}
