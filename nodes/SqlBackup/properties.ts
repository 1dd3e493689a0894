import type { INodeProperties } from 'n8n-workflow';

import { DESTINATION_OPTIONS, destinationProperties } from '../shared/destination.ts';

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
		],
		default: 'backUp',
	},
	...destinationProperties('/backups/caosdb.dump.sql.zst'),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...DESTINATION_OPTIONS],
	},
];
