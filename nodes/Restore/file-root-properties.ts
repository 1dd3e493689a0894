import type { INodeProperties } from 'n8n-workflow';

export const fileRootOperations: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Restore',
				value: 'restore',
				action: 'Restore the file root',
				description: 'Extract an archive into a folder that is empty or does not exist yet',
			},
		],
		default: 'restore',
		displayOptions: { show: { resource: ['fileRoot'] } },
	},
];

export const fileRootProperties: INodeProperties[] = [
	{
		displayName: 'Target Folder',
		name: 'targetFolder',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /opt/caosdb/mnt/caosroot',
		description: 'Folder to restore into: it must be empty, and is made if missing',
		hint: 'n8n must be allowed to write there (N8N_RESTRICT_FILE_ACCESS_TO)',
		displayOptions: { show: { resource: ['fileRoot'] } },
	},
];
