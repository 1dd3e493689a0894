import type { EngineError } from './errors.ts';

/**
 * Something that an engine could leave out and go on: a file that changed while it was read, a socket
 * in the tree. Strict by default: the default policy ends the job with the error.
 */
export interface Problem {
	readonly error: EngineError;
	/** Path, table or entity that would be skipped. */
	readonly item: string;
}

export type ProblemDecision = 'abort' | 'skip';

/** Decides on a problem. A cancel never passes through here. */
export type ProblemPolicy = (problem: Problem) => ProblemDecision;

export const ABORT_ON_PROBLEM: ProblemPolicy = () => 'abort';

/** What was skipped, for the output of the node; it makes the result `partial`. */
export interface SkippedItem {
	readonly item: string;
	readonly code: string;
	readonly message: string;
}

/** Applies one policy and remembers what was skipped. Throws the problem's error on `abort`. */
export class ProblemLog {
	readonly skipped: SkippedItem[] = [];
	readonly #policy: ProblemPolicy;

	constructor(policy: ProblemPolicy = ABORT_ON_PROBLEM) {
		this.#policy = policy;
	}

	meet(problem: Problem): void {
		if (this.#policy(problem) === 'abort') throw problem.error;
		const { error, item } = problem;
		this.skipped.push({ item, code: error.code, message: error.message });
	}
}
