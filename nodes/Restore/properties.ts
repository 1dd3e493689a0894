import type { INodeProperties } from 'n8n-workflow';

import { databaseOperations, databaseProperties } from './database-properties.ts';
import { fileRootOperations, fileRootProperties } from './file-root-properties.ts';
import { sourceProperties } from './source-properties.ts';

export const restoreProperties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Database', value: 'database' },
			{ name: 'File Root', value: 'fileRoot' },
		],
		default: 'database',
	},
	...databaseOperations,
	...fileRootOperations,
	{
		displayName:
			'Stop the CaosDB server before you restore what it uses. With the credential CaosDB Server API given, this node refuses while the server answers.',
		name: 'offlineNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { operation: ['restore', 'rollBack'] } },
	},
	...sourceProperties,
	...databaseProperties,
	...fileRootProperties,
];
