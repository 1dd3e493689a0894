import type { INodeProperties } from 'n8n-workflow';

import { DESTINATION_OPTIONS, destinationProperties } from '../shared/destination.ts';

const ITEMS = {
	name: 'Items',
	value: 'items',
	description: 'Small selections only: one output item per entity, without file contents',
};

/** The fields of every backup node, with items as one more destination. */
function withItems(property: INodeProperties): INodeProperties {
	if (property.name === 'destination') {
		const options = [...(property.options ?? []), ITEMS] as INodeProperties['options'] & object[];
		const sorted = options.sort((a, b) =>
			'name' in a && 'name' in b ? a.name.localeCompare(b.name, 'en') : 0,
		);
		return { ...property, options: sorted };
	}
	if (property.name !== 'compression') return property;
	return { ...property, displayOptions: { hide: { destination: ['items'] } } };
}

const SELECTION: INodeProperties[] = [
	{
		displayName: 'Select Entities By',
		name: 'selectBy',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'All Entities', value: 'all', description: 'Everything that the account may read' },
			{ name: 'IDs', value: 'ids', description: 'One entity or several, each by its ID' },
			{ name: 'Names', value: 'names', description: 'Entities of these names, of any role' },
			{ name: 'Query', value: 'query', description: 'What a FIND query finds' },
		],
		default: 'query',
	},
	{
		displayName: 'Query',
		name: 'query',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. FIND RECORD Sample WITH date IN 2026',
		description: 'A FIND query in the query language of the server',
		hint: 'Say the role (RECORD, RECORDTYPE, PROPERTY, FILE or ENTITY): what a query without one means depends on the server',
		displayOptions: { show: { selectBy: ['query'] } },
	},
	{
		displayName: 'IDs',
		name: 'ids',
		type: 'string',
		typeOptions: { rows: 2 },
		required: true,
		default: '',
		placeholder: 'e.g. 1204, 1205',
		hint: 'Separated by commas, blanks or line breaks',
		displayOptions: { show: { selectBy: ['ids'] } },
	},
	{
		displayName: 'Names',
		name: 'names',
		type: 'string',
		typeOptions: { rows: 2 },
		required: true,
		default: '',
		placeholder: 'e.g. Sample',
		hint: 'One name per line',
		displayOptions: { show: { selectBy: ['names'] } },
	},
	{
		displayName: 'Include',
		name: 'include',
		type: 'multiOptions',
		options: [
			{
				name: 'Back References',
				value: 'backReferences',
				description: 'Entities that refer to the selected ones',
			},
			{
				name: 'Referenced Entities',
				value: 'references',
				description: "What values lead to, over as many steps as 'Reference Depth' says",
			},
			{
				name: 'What Is Needed to Insert Them',
				value: 'needed',
				description:
					'Parents, definitions of properties, and record types used as data types, to any depth',
			},
		],
		default: ['needed'],
		description: 'What goes along with the selected entities',
		displayOptions: { hide: { selectBy: ['all'] } },
	},
	{
		displayName: 'Reference Depth',
		name: 'referenceDepth',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1,
		description: 'How many steps references are followed, counted from the selected entities',
		displayOptions: { show: { include: ['references'] }, hide: { selectBy: ['all'] } },
	},
];

const WRITTEN_ONLY = { hide: { destination: ['items'] } };

const FORMAT: INodeProperties[] = [
	{
		displayName: 'Format',
		name: 'format',
		type: 'options',
		options: [
			{
				name: 'Bundle',
				value: 'bundle',
				description: 'A tar file with the XML document and the contents of files',
			},
			{ name: 'XML Document', value: 'document', description: 'The document alone' },
		],
		default: 'bundle',
		displayOptions: WRITTEN_ONLY,
	},
	{
		displayName: 'IDs in the Export',
		name: 'idMode',
		type: 'options',
		options: [
			{
				name: 'Keep',
				value: 'keep',
				description: 'As on the server: to compare, to archive, or to update the same server',
			},
			{
				name: 'Temporary',
				value: 'temporary',
				description: 'Negative numbers, as new entities have: to insert them on another server',
			},
		],
		default: 'temporary',
	},
];

const WRITING_OPTIONS: INodeProperties[] = [
	{
		displayName: 'Document Name',
		name: 'documentName',
		type: 'options',
		options: [
			{ name: 'caosdb_data.xml', value: 'caosdb_data.xml', description: 'As in the manual' },
			{
				name: 'linkahead_data.xml',
				value: 'linkahead_data.xml',
				description: "As today's official tools write it",
			},
		],
		default: 'caosdb_data.xml',
		description: 'Name of the XML document inside a bundle',
	},
	{
		displayName: 'File Contents',
		name: 'fileContents',
		type: 'boolean',
		default: true,
		description: "Whether to download the contents of files, if 'Format' is Bundle",
	},
	{
		displayName: 'Maximum File Size (MB)',
		name: 'maxFileMb',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'Contents of larger files are left out and counted; 0 means no limit',
	},
	{
		displayName: 'Roles',
		name: 'roles',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. lab',
		description:
			'Roles whose permission rules are exported as a second document, one per line; the account must be allowed to read them',
	},
];

const CONTENT_OPTIONS: INodeProperties[] = [
	{
		displayName: 'Permissions',
		name: 'permissions',
		type: 'boolean',
		default: false,
		description: 'Whether to export the access control list of each entity',
	},
	{
		displayName: 'State',
		name: 'state',
		type: 'boolean',
		default: false,
		description: 'Whether to export the state of each entity, on servers with the state plug-in',
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 210,
		description: 'How long the server may be silent before a request is tried again or given up',
	},
	{
		displayName: 'Version Marks',
		name: 'versions',
		type: 'boolean',
		default: true,
		description:
			'Whether to export who wrote an entity when; XML Import needs it to tell what changed',
	},
];

const MAXIMUM_ITEMS: INodeProperties = {
	displayName: 'Maximum Items',
	name: 'maxItems',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 1000,
	description: 'More entities than this are refused, because items stay in the memory of n8n',
};

function sorted(options: readonly INodeProperties[]): INodeProperties[] {
	return [...options].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'));
}

const STORING_OPTIONS = DESTINATION_OPTIONS.filter(({ name }) => name !== 'expected');

function optionsField(options: readonly INodeProperties[], show: boolean): INodeProperties {
	const where = { destination: ['items'] };
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: sorted(options),
		displayOptions: show ? { show: where } : { hide: where },
	};
}

export const xmlExportProperties: INodeProperties[] = [
	...SELECTION,
	...FORMAT,
	...destinationProperties('/backups/entities.tar.zst').map(withItems),
	optionsField([...CONTENT_OPTIONS, ...WRITING_OPTIONS, ...STORING_OPTIONS], false),
	optionsField([...CONTENT_OPTIONS, MAXIMUM_ITEMS], true),
];
