import type { INodeProperties } from 'n8n-workflow';

import { DESTINATION_OPTIONS, destinationProperties } from '../shared/destination.ts';

export const fileRootArchiveProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Archive',
				value: 'archive',
				action: 'Archive the file root',
				description: 'Write folders, files and symbolic links to one tar file',
			},
		],
		default: 'archive',
	},
	{
		displayName: 'File Root',
		name: 'fileRoot',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /opt/caosdb/mnt/caosroot',
		description:
			"CaosDB's internal file system (FILE_SYSTEM_ROOT), as the machine running n8n sees it",
		hint: 'In Docker, mount the volume of the file root into the n8n container and allow it in N8N_RESTRICT_FILE_ACCESS_TO',
	},
	...destinationProperties('/backups/caosroot.tar.zst'),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...DESTINATION_OPTIONS],
	},
];
