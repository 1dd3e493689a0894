import type { Compression, Folder } from '../artifact/index.ts';
import { EngineError, type JobContext } from '../core/index.ts';
import { type TreeSelection, type TreeSummary, archiveTree } from '../tree/index.ts';
import type { StoredArtifact } from './artifact-plan.ts';
import { type Destination, storeArtifact } from './destination.ts';
import { SetCrossCheck } from './set-cross-check.ts';

/** What of a folder is wanted, and what is done about problems. */
export type FileRootSelection = Omit<TreeSelection, 'root' | 'displayRoot' | 'restless'>;

/** One folder to be archived, as the file root of its set or under a name. */
export interface TreeArchiveInput {
	/** The folder to archive. */
	readonly root: Folder;
	/** Of an extra folder; absent for the file root. */
	readonly name?: string;
	/** Default: all of it, and every problem is an error. */
	readonly selection?: FileRootSelection;
	readonly destination: Destination;
	readonly compression: Compression;
	/** Read the artifact back after writing. */
	readonly verify: boolean;
	/** Whether to read what symbolic links lead to, to compare it with the database. Default: no. */
	readonly hashesLinkTargets?: boolean;
	/** Whether files that the database of the same set lists may be missing. Default: no. */
	readonly allowMissingFiles?: boolean;
}

export interface TreeArchive {
	readonly stored: StoredArtifact;
	readonly summary: TreeSummary;
	readonly check: SetCrossCheck;
	readonly status: 'complete' | 'partial';
}

const INDEX = { role: 'index', extension: '.index.jsonl' } as const;

/** A tree that changes while it is read is archived again from its beginning, so often at most. */
const TRIES = 3;
/** With skipping, files that change again are left out, so more tries lead to an end. */
const TRIES_WITH_SKIPPING = 10;

async function archiveOnce(
	input: TreeArchiveInput,
	restless: readonly string[],
	context: JobContext,
): Promise<TreeArchive> {
	const { root, name, selection, destination, compression, verify } = input;
	const check = new SetCrossCheck(input, context);
	let summary: (() => TreeSummary) | undefined;
	const status = (): TreeArchive['status'] =>
		(summary?.().skippedEntries ?? 0) > 0 || check.isPartial ? 'partial' : 'complete';
	const stored = await storeArtifact(
		destination,
		{
			...(name === undefined
				? { kind: 'fileRoot', stem: 'caosroot' }
				: { kind: 'folder', name, stem: name }),
			extension: '.tar',
			mimeType: 'application/x-tar',
			compression,
			verify,
			framed: false,
		},
		async (set) => {
			const sink = set?.companion(INDEX);
			const hashesTargets = input.hashesLinkTargets === true;
			const tree = await archiveTree(
				{ ...selection, root: root.path, displayRoot: root.displayPath, restless },
				{ ...context, paths: context.ports.paths },
				...(sink === undefined ? [] : [{ sink, part: 0, hashesTargets }]),
			);
			summary = () => tree.summary();
			return {
				chunks: tree.chunks,
				...(name === undefined
					? { beforeListed: async (written) => await check.run(written) }
					: {}),
				details: () => ({ ...tree.summary(), ...check.details }),
				status,
			};
		},
		context,
	);
	if (summary === undefined) throw new EngineError('internal', 'The archive was not made');
	return { stored, summary: summary(), check, status: status() };
}

/**
 * Archives a folder to a destination. A tree that changed while it was read is tried again; a file that
 * changes every time is an error, or left out if the selection lets problems be skipped.
 */
export async function storeTree(
	input: TreeArchiveInput,
	context: JobContext,
): Promise<TreeArchive> {
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
