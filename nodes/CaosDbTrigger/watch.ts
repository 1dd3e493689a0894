import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { EntityChangesInput } from '../../lib/job/index.ts';

type Watch = EntityChangesInput['watch'];

const EVENTS: readonly Watch['events'][number][] = ['deleted', 'inserted', 'updated'];
export const DEFAULT_MAX_EVENTS = 1000;
export const DEFAULT_OVERLAP_MINUTES = 10;
const MINUTE_MS = 60_000;

function wholeNumber(value: unknown, least: number, label: string): number {
	if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
	throw new EngineError('invalid_option', `'${label}' is no whole number from ${least} on`, {
		remedy: 'Give a whole number, or remove the option.',
	});
}

function queryOf(context: Pick<IPollFunctions, 'getNodeParameter'>): string | null {
	if (context.getNodeParameter('watch') === 'all') return null;
	const query = context.getNodeParameter('query');
	if (typeof query === 'string' && query.trim() !== '') return query.trim();
	throw new EngineError('invalid_option', "'Query' is empty", {
		remedy: "Give a query such as 'FIND RECORD Experiment', or watch all entities.",
	});
}

/** The fields of the node as the engine takes them. Throws `invalid_option`. */
export function watchOf(context: Pick<IPollFunctions, 'getNodeParameter'>, server: string): Watch {
	const chosen = context.getNodeParameter('events') as string[];
	const events = EVENTS.filter((event) => chosen.includes(event));
	if (events.length === 0) {
		throw new EngineError('invalid_option', "'Events' is empty: nothing would start the workflow", {
			remedy: 'Choose at least one event.',
		});
	}
	const options = context.getNodeParameter('options', {}) as IDataObject;
	const { maxEvents = DEFAULT_MAX_EVENTS, overlap = DEFAULT_OVERLAP_MINUTES } = options;
	return {
		...{ server, query: queryOf(context), events },
		limit: wholeNumber(maxEvents, 1, 'Maximum Events per Poll'),
		overlapMs: wholeNumber(overlap, 0, 'Overlap (Minutes)') * MINUTE_MS,
	};
}
