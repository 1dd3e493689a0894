import { type Folder, acquireLock } from '../artifact/index.ts';
import { type JobContext, throwIfAborted } from '../core/index.ts';
import {
	type ArchiveCheck,
	type ExtractReport,
	type MemberChanges,
	type RootPlace,
	RootSwap,
	assertFreeSpace,
	checkArchive,
	extractTree,
} from '../tree/index.ts';
import { archiveContents } from './file-root-archive.ts';
import {
	type FileRootChoice,
	type FileRootSource,
	openFileRootSource,
	readFileRoot,
} from './file-root-source.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';

/** A folder to restore into, or to roll back. */
export interface FileRootTarget {
	/** It exists. */
	readonly target: Folder;
	/** The folder that it lies in; absent when it may not be used: then entries are swapped one by one. */
	readonly parent?: Folder;
}

export interface FileRootRestoreInput extends FileRootTarget, FileRootChoice {
	/** What to do about a target that is not empty. Default: fail. */
	readonly ifNotEmpty?: 'fail' | 'replace';
	/** What is to be different from the archive. Default: nothing. */
	readonly changes?: MemberChanges;
}

export interface FileRootRestoreReport extends JobReport {
	readonly path: string;
	readonly source: string;
	readonly backupSet?: string;
	/** Where the file root from before is now, if it was replaced. */
	readonly keptPath?: string;
}

export function placeOf({ target, parent }: FileRootTarget): RootPlace {
	const { path, displayPath } = target;
	return { path, displayPath, ...(parent === undefined ? {} : { parent: parent.path }) };
}

/** Runs something while no other run works on the same root; what a killed run left is ended first. */
export async function whileLocked<T>(
	place: RootPlace,
	run: (swap: RootSwap) => Promise<T>,
): Promise<T> {
	const lock = await acquireLock(new RootSwap(place).lockFile, place.displayPath);
	try {
		const swap = new RootSwap(place);
		swap.recover();
		return await run(swap);
	} finally {
		await lock.release();
	}
}

interface Restoring {
	readonly input: FileRootRestoreInput;
	readonly source: FileRootSource;
	readonly expected: ArchiveCheck;
	readonly context: JobContext;
}

async function extractTo(
	target: string,
	{ input, source, expected, context }: Restoring,
): Promise<ExtractReport> {
	const reading = await readFileRoot(source, context);
	const restored = await extractTree(
		{
			target,
			displayTarget: input.target.displayPath,
			chunks: reading.chunks,
			expected,
			...(input.changes === undefined ? {} : { changes: input.changes }),
		},
		context,
	);
	reading.assertEnded();
	return restored;
}

/** Makes the new root beside the old one, or inside of it, and swaps them when it is whole. */
async function replace(
	place: RootPlace,
	restoring: Restoring,
): Promise<{ restored: ExtractReport; keptPath: string }> {
	return await whileLocked(place, async (swap) => {
		try {
			const restored = await extractTo(swap.makeContent(), restoring);
			throwIfAborted(restoring.context.signal);
			return { restored, keptPath: swap.replace() };
		} catch (error) {
			// Before the swap this takes the new one away; in the middle of it, it ends the swap.
			swap.recover();
			throw error;
		}
	});
}

function warningsOf(restored: ExtractReport): string[] {
	const { danglingLinks, warnings } = restored;
	if (danglingLinks === 0) return [...warnings];
	const links = counted(danglingLinks, 'symbolic link leads', 'symbolic links lead');
	return [
		...warnings,
		`${links} to what does not exist on this machine: mount it at the same place, or rewrite the links to a new prefix.`,
	];
}

/**
 * Extracts an archive into a folder. An empty one is empty again after any failure; one that is not is
 * replaced on request only, in one step, and kept.
 */
export async function fileRootRestore(
	input: FileRootRestoreInput,
	context: JobContext,
): Promise<FileRootRestoreReport> {
	const start = new Date();
	const { target, ifNotEmpty = 'fail' } = input;
	const source = await openFileRootSource(input, context);
	// Everything is read once before anything is written: checksum, compression, names, end of archive.
	const checking = await readFileRoot(source, context);
	const expected = await checkArchive(checking.chunks, context);
	checking.assertEnded();
	const place = placeOf(input);
	if (new RootSwap(place).isUnfinished) await whileLocked(place, async () => undefined);
	assertFreeSpace(target.path, target.displayPath, expected.diskBytes);
	const restoring = { input, source, expected, context };
	const isReplaced = ifNotEmpty === 'replace' && !new RootSwap(place).isEmpty;
	const { restored, keptPath } = isReplaced
		? await replace(place, restoring)
		: { restored: await extractTo(target.path, restoring), keptPath: undefined };
	const times = timesSince(start);
	const kept = keptPath === undefined ? '' : `; the one before is kept as ${keptPath}`;
	return {
		kind: 'fileRootRestore',
		status: 'complete',
		path: target.displayPath,
		source: source.name,
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...(keptPath === undefined ? {} : { keptPath }),
		...times,
		summary: `File root ${target.displayPath} was restored in ${durationText(times.durationMs)}: ${archiveContents(restored)}${kept}.`,
		warnings: [...source.warnings, ...warningsOf(restored)],
		details: { ...restored },
	};
}
