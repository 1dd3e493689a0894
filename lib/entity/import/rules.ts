import { EngineError } from '../../core/index.ts';
import type { Role } from '../model.ts';

/** Roles that are found by their name alone. */
export const NAMED_ROLES: readonly Role[] = ['RecordType', 'Property', 'QueryTemplate'];

/** How a Record of the target is recognised when no earlier import tells. */
export const MATCH_RULES = ['name', 'properties', 'earlierImports'] as const;
export type MatchRule = (typeof MATCH_RULES)[number];

export const CONFLICT_RULES = ['fail', 'skip', 'update'] as const;
export type ConflictRule = (typeof CONFLICT_RULES)[number];

export const MISSING_RULES = ['delete', 'ignore', 'report'] as const;
export type MissingRule = (typeof MISSING_RULES)[number];

/** Choices of an import; all have defaults. */
export interface ImportRules {
	/** Default `name`: a Record is the one of that name with the same parent. */
	readonly matchBy: MatchRule;
	/** With `properties`: the names of those that together tell one Record from all others of its type. */
	readonly identifyingProperties: readonly string[];
	/**
	 * For an entity that changed on both sides since it was transferred, or that differs where no earlier import
	 * is recorded. Default `fail`, before anything is changed.
	 */
	readonly onConflict: ConflictRule;
	/** References to a version that the target does not have. Default `fail`. */
	readonly otherVersions: 'fail' | 'newest';
	/**
	 * What an import of this pair brought and the source has no more. `delete`: only what an import made, and nobody
	 * changed on the target since. `ignore`: for sources that never hold everything. Default `report`.
	 */
	readonly onMissing: MissingRule;
	/** After a failure: keep what is done for the next run, or delete what this run inserted. Default `stop`. */
	readonly onFailure: 'stop' | 'undo';
	/** Entities per request. Default 500. */
	readonly batchSize: number;
	/** Requests that write, under way at once. Default 3. */
	readonly parallel: number;
}

const DEFAULT_RULES: ImportRules = {
	matchBy: 'name',
	identifyingProperties: [],
	onConflict: 'fail',
	otherVersions: 'fail',
	onMissing: 'report',
	onFailure: 'stop',
	batchSize: 500,
	parallel: 3,
};

const BATCH_MAX = 10_000;
const PARALLEL_MAX = 8;

function invalid(message: string, remedy: string): EngineError {
	return new EngineError('invalid_option', message, { remedy });
}

function checkCount(value: number, most: number, what: string): void {
	if (Number.isSafeInteger(value) && value >= 1 && value <= most) return;
	throw invalid(`${what} is ${value}`, `Choose a whole number from 1 to ${most}.`);
}

/** Fills in the defaults. Throws `invalid_option`. */
export function resolveImportRules(given: Partial<ImportRules> = {}): ImportRules {
	const rules = { ...DEFAULT_RULES, ...given };
	if (!MATCH_RULES.includes(rules.matchBy)) {
		throw invalid(`'${rules.matchBy}' is no rule to match by`, `Use ${MATCH_RULES.join(', ')}.`);
	}
	if (!CONFLICT_RULES.includes(rules.onConflict)) {
		throw invalid(
			`'${rules.onConflict}' is no rule for conflicts`,
			`Use ${CONFLICT_RULES.join(', ')}.`,
		);
	}
	if (rules.matchBy === 'properties' && rules.identifyingProperties.length === 0) {
		throw invalid(
			'No identifying property is given',
			'Name the properties that together tell one Record from all others of its type.',
		);
	}
	checkCount(rules.batchSize, BATCH_MAX, 'The number of entities per request');
	checkCount(rules.parallel, PARALLEL_MAX, 'The number of requests at once');
	return Object.freeze(rules);
}
