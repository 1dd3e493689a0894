import type { BaseEntry, Compression, Folder } from '../artifact/index.ts';
import { EngineError, type JobContext } from '../core/index.ts';
import {
	type IncrementBase,
	type IndexOptions,
	type TreeSelection,
	type TreeSummary,
	archiveTree,
} from '../tree/index.ts';
import type { SetAtHand, StoredArtifact } from './artifact-plan.ts';
import { type Destination, storeArtifact } from './destination.ts';
import { type BaseSearch, type IncrementalOptions, findBase } from './increment-base.ts';
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
	/** Store only what changed since the newest finished set of the instance. Absent: everything. */
	readonly incremental?: IncrementalOptions;
}

export interface TreeArchive {
	readonly stored: StoredArtifact;
	readonly summary: TreeSummary;
	readonly check: SetCrossCheck;
	readonly status: 'complete' | 'partial';
	/** What it builds on, if it is incremental. */
	readonly base: BaseEntry | undefined;
	readonly warnings: readonly string[];
}

const INDEX = { role: 'index', extension: '.index.jsonl' } as const;
/** Paths, each ended by a zero byte. */
const DELETIONS = { role: 'deletions', extension: '.deleted' } as const;

/** A tree that changes while it is read is archived again from its beginning, so often at most. */
const TRIES = 3;
/** With skipping, files that change again are left out, so more tries lead to an end. */
const TRIES_WITH_SKIPPING = 10;

/** The files beside an archive, and what it builds on. */
async function indexOptions(
	set: SetAtHand,
	input: TreeArchiveInput,
	context: JobContext,
): Promise<{ readonly index: IndexOptions; readonly search: BaseSearch }> {
	const { incremental, hashesLinkTargets: hashesTargets = false } = input;
	const search: BaseSearch =
		incremental === undefined ? { warnings: [] } : await findBase(set, incremental, context);
	const { base } = search;
	const sink = set.companion(INDEX);
	if (base === undefined) return { search, index: { sink, part: 0, hashesTargets } };
	const increment: IncrementBase = {
		index: base.openIndex(),
		deletions: set.companion(DELETIONS),
		comparesContent: incremental?.comparesContent === true,
	};
	return { search, index: { sink, part: base.part, hashesTargets, base: increment } };
}

/** Throws `invalid_option`. */
function checkIncremental({ incremental, destination }: TreeArchiveInput): void {
	const isSet = destination.kind === 'newSet' || destination.kind === 'joinSet';
	if (incremental === undefined || isSet) return;
	throw new EngineError('invalid_option', 'An incremental archive needs a backup set', {
		remedy: "Choose 'Backup Set' as the destination, or make a full archive.",
	});
}

async function archiveOnce(
	input: TreeArchiveInput,
	restless: readonly string[],
	context: JobContext,
): Promise<TreeArchive> {
	const { root, name, selection, destination, compression, verify } = input;
	const check = new SetCrossCheck(input, context);
	let summary: (() => TreeSummary) | undefined;
	let search: BaseSearch = { warnings: [] };
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
			const beside = set === undefined ? undefined : await indexOptions(set, input, context);
			if (beside !== undefined) ({ search } = beside);
			const tree = await archiveTree(
				{ ...selection, root: root.path, displayRoot: root.displayPath, restless },
				{ ...context, paths: context.ports.paths },
				beside?.index,
			);
			summary = () => tree.summary();
			return {
				chunks: tree.chunks,
				...(name === undefined
					? { beforeListed: async (written) => await check.run(written) }
					: {}),
				base: () => search.base?.entry,
				details: () => ({ ...tree.summary(), ...check.details }),
				status,
			};
		},
		context,
	);
	if (summary === undefined) throw new EngineError('internal', 'The archive was not made');
	const { base, warnings } = search;
	return { stored, summary: summary(), check, status: status(), base: base?.entry, warnings };
}

/**
 * Archives a folder to a destination. A tree that changed while it was read is tried again; a file that
 * changes every time is an error, or left out if the selection lets problems be skipped.
 */
export async function storeTree(
	input: TreeArchiveInput,
	context: JobContext,
): Promise<TreeArchive> {
	checkIncremental(input);
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
