import type { INodeProperties } from 'n8n-workflow';

import { ALLOW_RUNNING_SERVER } from './demand-server-stopped.ts';

const RESTORE_ONLY = { show: { resource: ['fileRoot'], operation: ['restore'] } };

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Rehearse',
			value: 'rehearse',
			action: 'Rehearse a restore of the file root',
			description: 'Restore into a scratch folder, compare it with the archive, and remove it',
		},
		{
			name: 'Restore',
			value: 'restore',
			action: 'Restore the file root',
			description: 'Extract an archive into a folder, or in the place of one',
		},
		{
			name: 'Roll Back',
			value: 'rollBack',
			action: 'Roll back the file root',
			description: 'Put a file root back that a restore replaced',
		},
		{
			name: 'Verify',
			value: 'verify',
			action: 'Verify an archive of the file root',
			description: 'Read an archive to its end and check it, without writing anything',
		},
	],
	default: 'restore',
	displayOptions: { show: { resource: ['fileRoot'] } },
};

export const fileRootOperations: INodeProperties[] = [operation];

const ENTRY_LIMIT: INodeProperties = {
	displayName: 'Entry Limit',
	name: 'entryLimit',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 0,
	description:
		'The most files, folders and links that the archive may have; 0 for no limit but that of its manifest',
};
const SIZE_LIMIT: INodeProperties = {
	displayName: 'Size Limit (MB)',
	name: 'sizeLimit',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 0,
	description: 'The most that all files may have together; 0 for no limit but that of its manifest',
};

export const fileRootProperties: INodeProperties[] = [
	{
		displayName: 'Folder in the Backup Set',
		name: 'folderName',
		type: 'string',
		default: '',
		placeholder: 'e.g. conf-ext',
		description: 'Name of an extra folder to take instead of the file root',
		hint: 'Empty: the file root',
		displayOptions: {
			show: {
				resource: ['fileRoot'],
				operation: ['rehearse', 'restore', 'verify'],
				source: ['set'],
			},
		},
	},
	{
		displayName: 'Target Folder',
		name: 'targetFolder',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /opt/caosdb/mnt/caosroot',
		description: 'Folder to restore into, made if missing; or the one to roll back',
		hint: 'n8n must be allowed to write there (N8N_RESTRICT_FILE_ACCESS_TO)',
		displayOptions: { show: { resource: ['fileRoot'], operation: ['restore', 'rollBack'] } },
	},
	{
		displayName: 'Kept File Root',
		name: 'keptPath',
		type: 'string',
		default: '',
		placeholder: 'e.g. /opt/caosdb/mnt/caosroot.before-20261122T203000Z',
		description:
			"File root to bring back, from the field 'keptPath' of a restore; a run that is repeated then goes back no further",
		hint: 'Leave empty to take the newest one',
		displayOptions: { show: { resource: ['fileRoot'], operation: ['rollBack'] } },
	},
	{
		displayName: 'Scratch Folder',
		name: 'targetFolder',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /var/tmp/rehearsal',
		description:
			'Empty or missing folder with room for the whole file root; it is as before at the end',
		hint: 'n8n must be allowed to write there (N8N_RESTRICT_FILE_ACCESS_TO)',
		displayOptions: { show: { resource: ['fileRoot'], operation: ['rehearse'] } },
	},
	{
		displayName: 'If Target Is Not Empty',
		name: 'ifNotEmpty',
		type: 'options',
		options: [
			{
				name: 'Overwrite in Place',
				value: 'overwrite',
				description:
					'For a root too big to have twice: every entry replaces what is there at once. There is no way back, a failure leaves a mix, and what the archive lacks stays.',
			},
			{ name: 'Refuse', value: 'fail', description: 'End with a message and change nothing' },
			{
				name: 'Replace and Keep Old Content',
				value: 'replace',
				description:
					'Restore beside it and swap the two when the new one is whole; the old one stays until you remove it',
			},
		],
		default: 'fail',
		displayOptions: RESTORE_ONLY,
	},
	{
		displayName: 'Options',
		name: 'fileRootOptions',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			ALLOW_RUNNING_SERVER,
			ENTRY_LIMIT,
			{
				displayName: 'Flush to Disk',
				name: 'flush',
				type: 'boolean',
				default: true,
				description:
					'Whether every file is on the disk before the old content is renamed, so that a power cut leaves one of the two whole',
			},
			{
				displayName: 'Modes',
				name: 'modes',
				type: 'options',
				options: [
					{
						name: '775 and 664',
						value: 'shared',
						description: "As LinkAhead's own restore sets them",
					},
					{ name: 'As Archived', value: 'archived' },
				],
				default: 'archived',
				description: 'Permissions of folders and files',
			},
			{
				displayName: 'Owner',
				name: 'owner',
				type: 'string',
				default: '',
				placeholder: 'e.g. 999:999',
				description:
					'User and group number for everything, as the server runs. Empty: as archived. Only root can set owners.',
			},
			{
				displayName: 'Restore Only',
				name: 'choose',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				placeholder: 'e.g. /images/2024/',
				description:
					'Paths below the file root and patterns, one a line, as .gitignore has them: *.csv is any such file. Empty: everything.',
			},
			{
				displayName: 'Rewrite Links From',
				name: 'linksFrom',
				type: 'string',
				default: '',
				placeholder: 'e.g. /opt/caosdb/mnt/extroot',
				description: 'Symbolic links into this folder will lead into another one',
			},
			{
				displayName: 'Rewrite Links To',
				name: 'linksTo',
				type: 'string',
				default: '',
				placeholder: 'e.g. /linkahead/extroot',
				description: "Folder in the place of 'Rewrite Links From'",
			},
			SIZE_LIMIT,
		],
		displayOptions: RESTORE_ONLY,
	},
	{
		displayName: 'Options',
		name: 'fileRootOptions',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [ENTRY_LIMIT, SIZE_LIMIT],
		displayOptions: { show: { resource: ['fileRoot'], operation: ['rehearse'] } },
	},
];
