import { type Folder, acquireLock } from '../artifact/index.ts';
import { type JobContext, throwIfAborted } from '../core/index.ts';
import {
	type EndedSwap,
	type ExtractReport,
	type MemberChanges,
	type MemberChoice,
	type MemberLimits,
	type RootPlace,
	RootSwap,
	assertFreeSpace,
	chooseMembers,
	extractTree,
} from '../tree/index.ts';
import { expectedCounts, leastBytes } from './expected-tree.ts';
import { archiveContents } from './file-root-archive.ts';
import {
	type FileRootChoice,
	type FileRootSource,
	openFileRootSource,
	readFileRoot,
} from './file-root-source.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';

const IN_PLACE =
	'The file root was restored in place: what was there before was replaced and is not kept, and entries that the archive lacks have stayed.';

/** A folder to restore into, or to roll back. */
export interface FileRootTarget {
	/** It exists. */
	readonly target: Folder;
	/** The folder that it lies in; absent when it may not be used: then entries are swapped one by one. */
	readonly parent?: Folder;
}

export interface FileRootRestoreInput extends FileRootTarget, FileRootChoice {
	/**
	 * What to do about a target that is not empty. `overwrite` makes every entry where it belongs, without
	 * a staging folder: there is no way back. Default: fail.
	 */
	readonly ifNotEmpty?: 'fail' | 'replace' | 'overwrite';
	/** What is to be different from the archive. Default: nothing. */
	readonly changes?: MemberChanges;
	/** Paths below the root and patterns of `.gitignore`. Default: everything. */
	readonly choose?: readonly string[];
	readonly limits?: MemberLimits;
	/** Whether all is on the disk before the root is swapped. Default: true. */
	readonly durable?: boolean;
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
	run: (swap: RootSwap, ended: EndedSwap | undefined) => Promise<T>,
): Promise<T> {
	const lock = await acquireLock(new RootSwap(place).layout.lock, place.displayPath);
	try {
		const swap = new RootSwap(place);
		return await run(swap, swap.recover());
	} finally {
		await lock.release();
	}
}

interface Restoring {
	readonly input: FileRootRestoreInput;
	readonly source: FileRootSource;
	readonly choice: MemberChoice | undefined;
	readonly context: JobContext;
}

async function extractTo(
	target: string,
	{ input, source, choice, context }: Restoring,
): Promise<ExtractReport> {
	const { changes, limits, durable = true, ifNotEmpty } = input;
	const reading = readFileRoot(source, context);
	const restored = await extractTree(
		{
			target,
			displayTarget: input.target.displayPath,
			chunks: reading.chunks,
			durable,
			inPlace: ifNotEmpty === 'overwrite',
			...expectedCounts(source),
			...(changes === undefined ? {} : { changes }),
			...(limits === undefined ? {} : { limits }),
			...(choice === undefined ? {} : { choice }),
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
			// This takes the new one away.
			swap.recover();
			throw error;
		}
	});
}

async function overwrite(place: RootPlace, restoring: Restoring): Promise<ExtractReport> {
	const restored = await whileLocked(place, async (swap) => {
		swap.forget();
		return await extractTo(swap.place.path, restoring);
	});
	return { ...restored, warnings: [IN_PLACE, ...restored.warnings] };
}

async function restoreTo(
	given: RootPlace,
	restoring: Restoring,
): Promise<{ restored: ExtractReport; keptPath?: string }> {
	const { ifNotEmpty = 'fail' } = restoring.input;
	const place = new RootSwap(given).isUnfinished
		? await whileLocked(given, async (swap) => swap.place)
		: given;
	if (ifNotEmpty !== 'overwrite') {
		assertFreeSpace(place.path, place.displayPath, neededBytes(restoring));
	}
	const swap = new RootSwap(place);
	const { isEmpty } = swap;
	if (isEmpty) swap.forget();
	if (isEmpty || ifNotEmpty === 'fail') {
		return { restored: await extractTo(place.path, restoring) };
	}
	if (ifNotEmpty === 'replace') return await replace(place, restoring);
	return { restored: await overwrite(place, restoring) };
}

/** What is sure to be needed; of a choice nobody knows. */
function neededBytes({ source, choice }: Restoring): number {
	return choice === undefined ? leastBytes(source) : 0;
}

async function choiceOf(
	source: FileRootSource,
	patterns: readonly string[] | undefined,
	context: JobContext,
): Promise<MemberChoice | undefined> {
	if (patterns === undefined) return undefined;
	const reading = readFileRoot(source, context);
	const { choice } = await chooseMembers(reading.chunks, patterns, context);
	reading.assertEnded();
	return choice;
}

export function linkWarnings({ danglingLinks }: ExtractReport): string[] {
	if (danglingLinks === 0) return [];
	const links = counted(danglingLinks, 'symbolic link leads', 'symbolic links lead');
	return [
		`${links} to what does not exist on this machine: mount it at the same place, or rewrite the links to a new prefix.`,
	];
}

/**
 * Extracts an archive into a folder. An empty one is empty again after any failure; one that is not is
 * replaced on request only, in one step, and kept; or, on another request, overwritten in place.
 */
export async function fileRootRestore(
	input: FileRootRestoreInput,
	context: JobContext,
): Promise<FileRootRestoreReport> {
	const start = new Date();
	const { target, choose } = input;
	const source = await openFileRootSource(input, context);
	const choice = await choiceOf(source, choose, context);
	const restoring = { input, source, choice, context };
	const { restored, keptPath } = await restoreTo(placeOf(input), restoring);
	const times = timesSince(start);
	const kept = keptPath === undefined ? '' : `; the one before is kept as ${keptPath}`;
	const what =
		choice === undefined
			? `File root ${target.displayPath} was restored`
			: `What was chosen was restored to ${target.displayPath}`;
	return {
		kind: 'fileRootRestore',
		status: 'complete',
		path: target.displayPath,
		source: source.name,
		...(source.set === undefined ? {} : { backupSet: source.set }),
		...(keptPath === undefined ? {} : { keptPath }),
		...times,
		summary: `${what} in ${durationText(times.durationMs)}: ${archiveContents(restored)}${kept}.`,
		warnings: [...source.warnings, ...restored.warnings, ...linkWarnings(restored)],
		details: { ...restored },
	};
}
