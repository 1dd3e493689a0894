import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_MAX_EVENTS, DEFAULT_OVERLAP_MINUTES } from './watch.ts';

export const caosDbTriggerProperties: INodeProperties[] = [
	{
		displayName: 'Entities to Watch',
		name: 'watch',
		type: 'options',
		options: [
			{
				name: 'All Entities',
				value: 'all',
				description: 'Everything that the account may read',
			},
			{ name: 'Found by a Query', value: 'query', description: 'What a FIND query finds' },
		],
		default: 'all',
	},
	{
		displayName: 'Query',
		name: 'query',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. FIND RECORD Experiment',
		description: 'A FIND query in the query language of the server',
		hint: 'Say the role (RECORD, RECORDTYPE, PROPERTY, FILE or ENTITY): what a query without one means depends on the server',
		displayOptions: { show: { watch: ['query'] } },
	},
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		required: true,
		options: [
			{
				name: 'Deleted',
				value: 'deleted',
				description: 'A watched entity is gone; only its ID is known then',
			},
			{ name: 'Inserted', value: 'inserted', description: 'There is a new entity' },
			{
				name: 'Updated',
				value: 'updated',
				description: 'An entity has a new version, or the query finds it now',
			},
		],
		default: ['deleted', 'inserted', 'updated'],
		description: 'What starts the workflow',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [
			{
				name: 'One Item per Event',
				value: 'events',
				description: 'Each with ID, version, name, role, time and a summary',
			},
			{
				name: 'One Item per Poll',
				value: 'poll',
				description: 'Counts, a summary and the IDs of all, for one message or one export',
			},
		],
		default: 'events',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Maximum Events per Poll',
				name: 'maxEvents',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 10000 },
				default: DEFAULT_MAX_EVENTS,
				description: 'More events than this come with the next polls, oldest first',
			},
			{
				displayName: 'Overlap (Minutes)',
				name: 'overlap',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1440 },
				default: DEFAULT_OVERLAP_MINUTES,
				description:
					'How long a transaction on the server may last at most without an event being missed; nothing is reported twice',
			},
		],
	},
];
