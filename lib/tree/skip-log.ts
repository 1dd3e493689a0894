import type { EngineError, ErrorCode, ProblemDecision, SkippedItem } from '../core/index.ts';
import type { TreeSelection } from './selection.ts';

const EXAMPLES_MAX = 100;

/** What was left out of an archive because of a problem that the person allowed. */
export interface SkipSummary {
	/** How many entries; a folder counts once, with all that is in it. */
	readonly skippedEntries: number;
	/** The first of them. */
	readonly skipped: readonly SkippedItem[];
}

/** Decides on problems by their code, and remembers what is left out, in bounded memory. */
export class SkipLog {
	readonly #decide: (code: ErrorCode) => ProblemDecision;
	readonly #examples: SkippedItem[] = [];
	readonly #counts = new Map<ErrorCode, number>();

	constructor(decide: (code: ErrorCode) => ProblemDecision) {
		this.#decide = decide;
	}

	/** Throws the error unless such entries may be skipped. */
	meet(error: EngineError, item: string): void {
		if (this.#decide(error.code) === 'abort') throw error;
		const { code, message } = error;
		this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
		if (this.#examples.length < EXAMPLES_MAX) this.#examples.push({ item, code, message });
	}

	skips(code: ErrorCode): boolean {
		return this.#decide(code) === 'skip';
	}

	summary(): SkipSummary {
		const skippedEntries = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
		return { skippedEntries, skipped: this.#examples };
	}

	/** Numbers by code. */
	counts(): ReadonlyMap<ErrorCode, number> {
		return this.#counts;
	}
}

const PROBLEMS: readonly ErrorCode[] = [
	'tree_entry_changed',
	'tree_entry_unreadable',
	'tree_entry_unsupported',
];

/** What a selection says about each kind of problem. */
export function skipDecision({
	onProblem = 'abort',
	onBlocked = 'abort',
}: TreeSelection): (code: ErrorCode) => ProblemDecision {
	return (code) => {
		if (code === 'path_blocked') return onBlocked;
		return PROBLEMS.includes(code) ? onProblem : 'abort';
	};
}
