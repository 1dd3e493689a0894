import type { INodeProperties } from 'n8n-workflow';

/** Where the backup comes from; a roll back needs none. */
const HIDE = { operation: ['rollBack'] };

export const sourceProperties: INodeProperties[] = [
	{
		displayName: 'Source',
		name: 'source',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Backup Set',
				value: 'set',
				description:
					'A folder written by the backup nodes; everything is checked against its manifest',
			},
			{
				name: 'Binary Field',
				value: 'binary',
				description: 'A file that the previous node fetched, for example from S3 or SFTP',
			},
			{ name: 'File', value: 'file', description: 'One dump or archive' },
		],
		default: 'set',
		displayOptions: { hide: HIDE },
	},
	{
		displayName: 'Backup Set',
		name: 'backupSet',
		type: 'string',
		required: true,
		default: '={{ $json.backupSet }}',
		placeholder: 'e.g. /backups/caosdb/20261122T203000Z',
		hint: "The folder of one set, or of an instance (e.g. /backups/caosdb) to take its newest complete set. Backup nodes hand it on in the field 'backupSet'.",
		displayOptions: { show: { source: ['set'] }, hide: HIDE },
	},
	{
		displayName: 'File Path',
		name: 'filePath',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /backups/caosdb.dump.sql.zst',
		hint: 'Plain, gzip and Zstandard files are told apart by their content',
		displayOptions: { show: { source: ['file'] }, hide: HIDE },
	},
	{
		displayName: 'Input Data Field Name',
		name: 'inputField',
		type: 'string',
		required: true,
		default: 'data',
		hint: 'The name of the input field containing the file',
		displayOptions: { show: { source: ['binary'] }, hide: HIDE },
	},
];
