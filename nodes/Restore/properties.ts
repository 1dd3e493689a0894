import type { INodeProperties } from 'n8n-workflow';

import { fileRootFields, fileRootOperation } from './file-root-properties.ts';

/** Nothing is read from a backup when a target is rolled back. */
const WITH_SOURCE = { hide: { operation: ['rollBack'] } };

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
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Restore',
				value: 'restore',
				action: 'Restore the database',
				description: 'Load an SQL dump into a database that is empty or does not exist yet',
			},
		],
		default: 'restore',
		displayOptions: { show: { resource: ['database'] } },
	},
	fileRootOperation,
	{
		displayName: 'Stop the CaosDB server before you restore what it uses',
		name: 'offlineNotice',
		type: 'notice',
		default: '',
	},
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
		displayOptions: WITH_SOURCE,
	},
	{
		displayName: 'Backup Set',
		name: 'backupSet',
		type: 'string',
		required: true,
		default: '={{ $json.backupSet }}',
		placeholder: 'e.g. /backups/caosdb/20261122T203000Z',
		hint: "The folder of one set, or of an instance (e.g. /backups/caosdb) to take its newest complete set. Backup nodes hand it on in the field 'backupSet'.",
		displayOptions: { ...WITH_SOURCE, show: { source: ['set'] } },
	},
	{
		displayName: 'File Path',
		name: 'filePath',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /backups/caosdb.dump.sql.zst',
		hint: 'Plain, gzip and Zstandard files are told apart by their content',
		displayOptions: { ...WITH_SOURCE, show: { source: ['file'] } },
	},
	{
		displayName: 'Input Data Field Name',
		name: 'inputField',
		type: 'string',
		required: true,
		default: 'data',
		hint: 'The name of the input field containing the file',
		displayOptions: { ...WITH_SOURCE, show: { source: ['binary'] } },
	},
	{
		displayName: 'Target Database',
		name: 'database',
		type: 'string',
		default: '',
		placeholder: 'e.g. caosdb_restored',
		description:
			'Database to restore into: it must be empty or not exist. CaosDB works best with the same name as before.',
		hint: "Leave empty to use the credential's database",
		displayOptions: { show: { resource: ['database'] } },
	},
	...fileRootFields,
];
