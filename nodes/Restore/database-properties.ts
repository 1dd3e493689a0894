import type { INodeProperties } from 'n8n-workflow';

import { ALLOW_RUNNING_SERVER } from './demand-server-stopped.ts';

export const databaseOperations: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Rehearse',
				value: 'rehearse',
				action: 'Rehearse restoring the database',
				description: 'Restore into a scratch database, compare, report, and drop it',
			},
			{
				name: 'Restore',
				value: 'restore',
				action: 'Restore the database',
				description: 'Load an SQL dump beside the target, verify it, and swap it in',
			},
			{
				name: 'Roll Back',
				value: 'rollBack',
				action: 'Roll back the database',
				description: 'Bring back the content that a restore replaced and kept',
			},
			{
				name: 'Verify',
				value: 'verify',
				action: 'Verify a backup of the database',
				description:
					'Read a backup to its end and check whether the server would take it, without changing anything',
			},
		],
		default: 'restore',
		displayOptions: { show: { resource: ['database'] } },
	},
];

const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Allow Other Sessions',
			name: 'allowOtherSessions',
			type: 'boolean',
			default: false,
			description:
				'Whether to go on while other sessions use the database. A running CaosDB server would mix old and new content.',
		},
		ALLOW_RUNNING_SERVER,
		{
			displayName: 'Connections',
			name: 'connections',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 8 },
			default: 2,
			description:
				'How many connections load at the same time. Without this option two, and one for a small dump. Verify loads nothing.',
		},
		{
			displayName: 'Definer',
			name: 'definer',
			type: 'options',
			options: [
				{
					name: 'As in the Backup',
					value: 'keep',
					description:
						'Needs the right to create objects for other accounts, or to be that account',
				},
				{ name: 'Named Account', value: 'account' },
				{ name: 'Restoring Account', value: 'current' },
			],
			default: 'keep',
			description: 'Account that views, routines, triggers and events belong to',
		},
		{
			displayName: 'Definer Account',
			name: 'definerAccount',
			type: 'string',
			default: '',
			placeholder: 'e.g. caosdb@%',
			description: "Account to use when 'Definer' is 'Named Account'",
		},
		{
			displayName: 'Require End of Dump',
			name: 'requireEnd',
			type: 'boolean',
			default: true,
			description:
				'Whether to refuse a dump without a last line that says it is complete. Dumps of phpMyAdmin, mydumper and mysqldump --compact have none.',
		},
		{
			displayName: 'Safety Dump Folder',
			name: 'safetyFolder',
			type: 'string',
			default: '',
			placeholder: 'e.g. /backups/safety',
			description:
				'Folder for a dump of the old content, made before it is replaced in place. Used when the account has rights on this database only, so that nothing can be kept beside it.',
		},
		{
			displayName: 'Tables',
			name: 'tables',
			type: 'string',
			default: '',
			placeholder: 'e.g. entities, text_data',
			description:
				'Names of the only tables to restore, separated by commas, from a backup set into a new or empty database. Nothing else of the backup is read. Empty: everything.',
			displayOptions: { show: { '/operation': ['restore'] } },
		},
	],
	displayOptions: { show: { resource: ['database'] }, hide: { operation: ['rollBack'] } },
};

const rollBackOptions: INodeProperties = {
	displayName: 'Options',
	name: 'rollBackOptions',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Allow Other Sessions',
			name: 'allowOtherSessions',
			type: 'boolean',
			default: false,
			description:
				'Whether to go on while other sessions use the database. A running CaosDB server would mix old and new content.',
		},
		ALLOW_RUNNING_SERVER,
	],
	displayOptions: { show: { resource: ['database'], operation: ['rollBack'] } },
};

export const databaseProperties: INodeProperties[] = [
	{
		displayName: 'Target Database',
		name: 'database',
		type: 'string',
		default: '',
		placeholder: 'e.g. caosdb',
		description:
			'Database to restore, created when it is missing. CaosDB works best with the same name as before.',
		hint: "Leave empty to use the credential's database",
		displayOptions: { show: { resource: ['database'] } },
	},
	{
		displayName: 'If Target Is Not Empty',
		name: 'existingContent',
		type: 'options',
		options: [
			{
				name: 'Refuse',
				value: 'refuse',
				description: 'End with a message and change nothing',
			},
			{
				name: 'Replace and Drop Old Content',
				value: 'replaceDrop',
				description: 'Swap the new content in and drop the old one: it cannot be rolled back',
			},
			{
				name: 'Replace and Keep Old Content',
				value: 'replaceKeep',
				description:
					'Swap the new content in and keep the old one as database_before_time, for a roll back',
			},
		],
		default: 'refuse',
		description: 'What to do when the target database holds something',
		displayOptions: { show: { resource: ['database'], operation: ['restore', 'verify'] } },
	},
	{
		displayName: 'Kept Database',
		name: 'keptDatabase',
		type: 'string',
		default: '',
		placeholder: 'e.g. caosdb_before_20261122_203000',
		description:
			"Database with the content to bring back, from the field 'keptDatabase' of a restore",
		hint: 'Leave empty to take the newest one',
		displayOptions: { show: { resource: ['database'], operation: ['rollBack'] } },
	},
	options,
	rollBackOptions,
];
