import type { JobContext } from '../core/index.ts';
import { throwIfAborted } from '../core/index.ts';
import { type EndedSwap, type RootSwap, displayOf, keptNamed, newestKept } from '../tree/index.ts';
import { type FileRootTarget, placeOf, whileLocked } from './file-root-restore.ts';
import { type JobReport, durationText, timesSince } from './report.ts';

export interface FileRootRollBackInput extends FileRootTarget {
	/** The kept root to go back to, as a run has reported it; absent: the newest of a restore. */
	readonly keptPath?: string;
}

export interface FileRootRollBackReport extends JobReport {
	readonly path: string;
	/** The file root that was kept, and is the file root again. */
	readonly restoredFrom: string;
	/** Where the one until now is. */
	readonly keptPath: string;
	/** An earlier run had rolled back to the one that was named: nothing was to be done. */
	readonly wasDone: boolean;
}

function rollBack(
	swap: RootSwap,
	ended: EndedSwap | undefined,
	named: string | undefined,
): Pick<FileRootRollBackReport, 'restoredFrom' | 'keptPath' | 'wasDone'> {
	const { layout } = swap;
	const wanted = named === undefined ? undefined : keptNamed(layout, named);
	const isWanted = wanted === undefined || displayOf(layout, wanted) === ended?.from;
	// A killed roll back that was finished just now is the one that was asked for.
	if (ended?.isRollBack === true && isWanted) {
		return { restoredFrom: ended.from, keptPath: ended.keptPath, wasDone: false };
	}
	const done = wanted === undefined ? undefined : swap.rolledBackTo(wanted);
	if (done !== undefined) {
		return { restoredFrom: done.from, keptPath: done.keptPath, wasDone: true };
	}
	const kept = wanted ?? newestKept(layout);
	const restoredFrom = displayOf(layout, kept);
	return { restoredFrom, keptPath: swap.rollBack(kept), wasDone: false };
}

/**
 * Puts a file root back that a restore replaced; the one until now is kept. Throws `path_missing` when
 * there is none, `invalid_option` when the name is none of a kept root.
 */
export async function fileRootRollBack(
	input: FileRootRollBackInput,
	{ signal }: JobContext,
): Promise<FileRootRollBackReport> {
	const start = new Date();
	throwIfAborted(signal);
	const { displayPath } = input.target;
	const done = await whileLocked(placeOf(input), async (swap, ended) =>
		rollBack(swap, ended, input.keptPath),
	);
	const times = timesSince(start);
	const { restoredFrom, keptPath } = done;
	const summary = done.wasDone
		? `File root ${displayPath} had been rolled back to ${restoredFrom} already: nothing was changed. The one before is ${keptPath}.`
		: `File root ${displayPath} was rolled back to ${restoredFrom} in ${durationText(times.durationMs)}; the one until now is kept as ${keptPath}.`;
	return {
		...{ kind: 'fileRootRollBack', status: 'complete', path: displayPath, ...done },
		...times,
		summary,
		warnings: [],
		details: {},
	};
}
