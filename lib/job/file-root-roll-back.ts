import type { JobContext } from '../core/index.ts';
import { throwIfAborted } from '../core/index.ts';
import { type FileRootTarget, placeOf, whileLocked } from './file-root-restore.ts';
import { type JobReport, durationText, timesSince } from './report.ts';

export interface FileRootRollBackReport extends JobReport {
	readonly path: string;
	/** The file root that was kept, and is the file root again. */
	readonly restoredFrom: string;
	/** Where the one until now is. */
	readonly keptPath: string;
}

/** Puts the file root back that the last restore replaced; the one until now is kept. */
export async function fileRootRollBack(
	input: FileRootTarget,
	{ signal }: JobContext,
): Promise<FileRootRollBackReport> {
	const start = new Date();
	throwIfAborted(signal);
	const { displayPath } = input.target;
	const { restoredFrom, keptPath } = await whileLocked(placeOf(input), async (swap, ended) => {
		// A killed roll back that was finished just now is the one that was asked for.
		if (ended?.isRollBack === true) return { restoredFrom: ended.from, keptPath: ended.keptPath };
		const kept = swap.newestKept();
		return { restoredFrom: swap.displayOf(kept), keptPath: swap.rollBack(kept) };
	});
	const times = timesSince(start);
	return {
		kind: 'fileRootRollBack',
		status: 'complete',
		path: displayPath,
		restoredFrom,
		keptPath,
		...times,
		summary: `File root ${displayPath} was rolled back to ${restoredFrom} in ${durationText(times.durationMs)}; the one until now is kept as ${keptPath}.`,
		warnings: [],
		details: {},
	};
}
