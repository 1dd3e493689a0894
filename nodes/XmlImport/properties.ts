import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_BACKUP_FOLDER } from '../shared/destination.ts';

const sourceProperties: INodeProperties[] = [
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
					'A folder written by CaosDB XML Export; everything is checked against its manifest',
			},
			{
				name: 'Binary Field',
				value: 'binary',
				description:
					'A bundle or document that the previous node fetched, for example from S3 or SFTP',
			},
			{
				name: 'File or Folder',
				value: 'file',
				description: 'A bundle, a document, or a folder as the official export tool writes it',
			},
		],
		default: 'set',
	},
	{
		displayName: 'Backup Set',
		name: 'backupSet',
		type: 'string',
		required: true,
		default: '={{ $json.backupSet }}',
		placeholder: 'e.g. /backups/caosdb/20261122T203000Z',
		hint: "The folder of one set, or of an instance (e.g. /backups/caosdb) to take its newest complete set. CaosDB XML Export hands it on in the field 'backupSet'.",
		displayOptions: { show: { source: ['set'] } },
	},
	{
		displayName: 'File or Folder Path',
		name: 'filePath',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. /exports/entities.tar.zst',
		hint: 'A tar with caosdb_data.xml or linkahead_data.xml and the folder downloads, that folder itself, or one XML document. Plain, gzip and Zstandard files are told apart by their content.',
		displayOptions: { show: { source: ['file'] } },
	},
	{
		displayName: 'Input Data Field Name',
		name: 'inputField',
		type: 'string',
		required: true,
		default: 'data',
		hint: 'The name of the input field containing the file',
		displayOptions: { show: { source: ['binary'] } },
	},
];

const pairProperties: INodeProperties[] = [
	{
		displayName: 'Source Name',
		name: 'sourceName',
		type: 'string',
		required: true,
		default: '={{ $json.instance }}',
		placeholder: 'e.g. lab-a',
		description:
			'Short name of the server that the entities come from; an import recognises what earlier ones with the same name brought',
		hint: 'Letters, digits, dots, underscores and hyphens. Use one name per server, the same in every workflow.',
	},
	{
		displayName: 'ID Map Folder',
		name: 'idMapFolder',
		type: 'string',
		required: true,
		default: `${DEFAULT_BACKUP_FOLDER}/id-maps`,
		placeholder: 'e.g. /backups/maps',
		description:
			'Folder that remembers which entity of the target came of which one of the source; it is made if missing',
		hint: 'n8n must be allowed to write there (N8N_RESTRICT_FILE_ACCESS_TO). In Docker, choose a mounted volume: without the id maps, unnamed records would be inserted again.',
	},
];

const matchProperties: INodeProperties[] = [
	{
		displayName: 'Match Records By',
		name: 'matchBy',
		type: 'options',
		options: [
			{
				name: 'Earlier Imports Only',
				value: 'earlierImports',
				description: 'What no earlier import brought is new',
			},
			{
				name: 'Identifying Properties',
				value: 'properties',
				description: 'Chosen properties together tell one record from all others of its type',
			},
			{
				name: 'Name Within Parent',
				value: 'name',
				description: 'A record of the same name with the same parent is the same one',
			},
		],
		default: 'name',
		description:
			'How records of the target are recognised when no earlier import tells. Record types and properties are recognised by name, files by path.',
	},
	{
		displayName: 'Identifying Properties',
		name: 'identifyingProperties',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. date, number',
		hint: 'Names of properties, separated by commas. Records without a value for one of them count as new.',
		displayOptions: { show: { matchBy: ['properties'] } },
	},
	{
		displayName: 'On Conflict',
		name: 'onConflict',
		type: 'options',
		options: [
			{
				name: 'Fail',
				value: 'fail',
				description: 'End before anything is changed, and name the entities',
			},
			{ name: 'Skip', value: 'skip', description: 'Leave the entity on the target as it is' },
			{ name: 'Update', value: 'update', description: 'Replace it by what the source has' },
		],
		default: 'fail',
		description:
			'What to do with an entity that changed on both sides, or that differs where no earlier import is recorded',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [
			{
				name: 'Changed Entities',
				value: 'changes',
				description: 'One item for each but the unchanged',
			},
			{ name: 'Each Entity', value: 'all', description: 'One item for each entity of the source' },
			{
				name: 'Summary',
				value: 'summary',
				description: 'One item with the numbers of all actions',
			},
		],
		default: 'all',
	},
];

const importOptions: INodeProperties[] = [
	{
		displayName: 'Entities per Request',
		name: 'batchSize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 10_000 },
		default: 500,
		description: 'Entities that need each other always go in one request, however many they are',
	},
	{
		displayName: 'Include Summary',
		name: 'includeSummary',
		type: 'boolean',
		default: false,
		description: "Whether to add an item with the numbers of all actions, if 'Output' has entities",
	},
	{
		displayName: 'Missing Entities',
		name: 'onMissing',
		type: 'options',
		options: [
			{
				name: 'Delete',
				value: 'delete',
				description:
					'Delete on the target what an earlier import made and nobody changed there since; report the rest',
			},
			{
				name: 'Ignore',
				value: 'ignore',
				description: 'For sources that hold a part only, e.g. what changed since the last run',
			},
			{ name: 'Report', value: 'report', description: 'List them and change nothing' },
		],
		default: 'report',
		description:
			'What to do with entities that an earlier import with this source name brought and the source has no more',
		hint: 'Delete only if the source always holds the whole selection',
	},
	{
		displayName: 'On Failure',
		name: 'onFailure',
		type: 'options',
		options: [
			{
				name: 'Stop',
				value: 'stop',
				description: 'Keep what is done; the next run goes on after it',
			},
			{ name: 'Undo', value: 'undo', description: 'Delete again what this run inserted' },
		],
		default: 'stop',
		description: 'What to do when the server refuses an entity or cannot be reached any more',
	},
	{
		displayName: 'References to Other Versions',
		name: 'otherVersions',
		type: 'options',
		options: [
			{ name: 'Fail', value: 'fail', description: 'End before anything is changed' },
			{ name: 'Refer to the Newest', value: 'newest', description: 'Leave the version out' },
		],
		default: 'fail',
		description: 'What to do with a reference to a version that was never imported',
	},
	{
		displayName: 'Requests at Once',
		name: 'parallel',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 8 },
		default: 3,
		description: 'How many writing requests may be under way, where the order permits',
	},
	{
		displayName: 'Target Name',
		name: 'targetName',
		type: 'string',
		default: '',
		placeholder: 'e.g. lab-b',
		description:
			"Short name of the server of the credential. Empty: its host. For imports in both directions, use the other workflow's 'Source Name'.",
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 210,
		description:
			'How long the server may be silent before a request is given up; what became of it is looked up then',
	},
];

export const xmlImportProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Dry Run',
				value: 'dryRun',
				action: 'Show what an import would do',
				description: 'Compare source and target, list actions and differences, and change nothing',
			},
			{
				name: 'Import',
				value: 'import',
				action: 'Import entities',
				description: 'Insert what is new, update what changed, and leave the rest',
			},
		],
		default: 'import',
	},
	...sourceProperties,
	...pairProperties,
	...matchProperties,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: importOptions,
	},
];
