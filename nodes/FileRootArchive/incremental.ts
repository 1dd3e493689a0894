import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { INCREMENTS_MAX_DEFAULT } from '../../lib/core/index.ts';
import type { IncrementalOptions } from '../../lib/job/index.ts';

/** Whether an archive holds everything: options of the node. */
export const INCREMENTAL_OPTIONS: readonly INodeProperties[] = [
	{
		displayName: 'Compare Content of Unchanged Files',
		name: 'compareContent',
		type: 'boolean',
		default: false,
		description:
			"Whether an incremental archive reads files that look unchanged and compares their checksums, if 'Incremental' is on",
		hint: 'Finds what changed without a trace in size and times, and takes as long as a full archive',
	},
	{
		displayName: 'Incremental',
		name: 'incremental',
		type: 'boolean',
		default: false,
		description:
			'Whether to store only what changed since the newest finished backup set of the same instance; a restore needs all sets down to the last full one',
	},
	{
		displayName: 'Incremental Archives per Full One',
		name: 'incrementsMax',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000 },
		default: INCREMENTS_MAX_DEFAULT,
		description:
			"After so many a full archive begins the next chain, if 'Incremental' is on; with nightly runs, 6 means one a week",
	},
];

/** Reads the options above; empty for full archives. */
export function incrementalOf(options: IDataObject): { readonly incremental?: IncrementalOptions } {
	if (options.incremental !== true) return {};
	const incrementsMax = Number(options.incrementsMax ?? INCREMENTS_MAX_DEFAULT);
	return { incremental: { incrementsMax, comparesContent: options.compareContent === true } };
}
