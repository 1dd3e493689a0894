import { NO_PROGRESS } from '../../lib/core/index.ts';
import {
	type ArchiveContext,
	type TreeSelection,
	type TreeSummary,
	archiveTree,
	checkArchive,
	extractTree,
} from '../../lib/tree/index.ts';

/** Everything is allowed, nothing is cancelled. */
export const CONTEXT: ArchiveContext = {
	signal: new AbortController().signal,
	progress: NO_PROGRESS,
	paths: { blocked: async (paths: readonly string[]) => paths.map(() => false) },
};

/** A whole archive in memory. */
export async function archive(
	root: string,
	selection: Partial<TreeSelection> = {},
	context: ArchiveContext = CONTEXT,
): Promise<{ tar: Buffer; summary: () => TreeSummary }> {
	const { chunks, summary } = await archiveTree({ root, displayRoot: root, ...selection }, context);
	const parts: Uint8Array[] = [];
	for await (const chunk of chunks) parts.push(chunk);
	return { tar: Buffer.concat(parts), summary };
}

export async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Checks and extracts, as a restore does; the stream is cut into pieces of `size` bytes. */
export async function extract(
	tar: Buffer,
	target: string,
	size = 100_000,
): ReturnType<typeof extractTree> {
	const expected = await checkArchive(pieces(tar, size), CONTEXT);
	const chunks = pieces(tar, size);
	return await extractTree({ target, displayTarget: target, chunks, expected }, CONTEXT);
}
