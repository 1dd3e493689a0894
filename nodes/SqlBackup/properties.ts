import type { INodeProperties } from 'n8n-workflow';

import { DESTINATION_OPTIONS, destinationProperties } from '../shared/destination.ts';
import { CONTENT_OPTIONS } from './content-options.ts';

const BACK_UP = { operation: ['backUp'] };

function forBackUp(property: INodeProperties): INodeProperties {
	const shown = { ...property.displayOptions?.show, ...BACK_UP };
	return { ...property, displayOptions: { ...property.displayOptions, show: shown } };
}

function byLabel(a: INodeProperties, b: INodeProperties): number {
	return a.displayName < b.displayName ? -1 : 1;
}

const BACK_UP_OPTIONS: readonly INodeProperties[] = [
	...DESTINATION_OPTIONS,
	...CONTENT_OPTIONS,
	{
		displayName: 'Connections',
		name: 'connections',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 8 },
		default: 2,
		description: 'How many connections read at the same time',
	},
];

export const sqlBackupProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Back Up',
				value: 'backUp',
				action: 'Back up the SQL database',
				description: 'Write tables, routines, triggers, views and events to one SQL dump',
			},
			{
				name: 'Inspect',
				value: 'inspect',
				action: 'Inspect the SQL database',
				description: 'Tell what a backup would hold and what it lacks, without writing anything',
			},
		],
		default: 'backUp',
	},
	...destinationProperties('/backups/caosdb.dump.sql.zst').map(forBackUp),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...BACK_UP_OPTIONS].sort(byLabel),
		displayOptions: { show: BACK_UP },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...CONTENT_OPTIONS],
		displayOptions: { show: { operation: ['inspect'] } },
	},
];
