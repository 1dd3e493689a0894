import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { JobInput } from '../../lib/worker/index.ts';

type Content = NonNullable<JobInput<'sqlBackup'>['content']>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const BYTES_PER_MB = 1_000_000;

/** What of the database goes into the dump; the defaults are right for CaosDB. */
export const CONTENT_OPTIONS: readonly INodeProperties[] = [
	{
		displayName: 'Definer Account',
		name: 'definerAccount',
		type: 'string',
		default: '',
		placeholder: 'e.g. linkahead@%',
		hint: 'user@host of the account that shall own views, routines, triggers and events after a restore',
		displayOptions: { show: { definers: ['replace'] } },
	},
	{
		displayName: 'Definers',
		name: 'definers',
		type: 'options',
		options: [
			{
				name: 'Keep',
				value: 'keep',
				description: 'Objects belong to the same accounts after a restore',
			},
			{
				name: 'Remove',
				value: 'remove',
				description: 'Objects belong to the account that restores them',
			},
			{
				name: 'Replace by Account',
				value: 'replace',
				description: "Objects belong to the account in 'Definer Account'",
			},
		],
		default: 'keep',
		description: 'Who owns views, routines, triggers and events in the dump',
	},
	{
		displayName: 'Include Events',
		name: 'events',
		type: 'boolean',
		default: true,
		description: 'Whether to dump the events of the scheduler',
	},
	{
		displayName: 'Include History',
		name: 'history',
		type: 'boolean',
		default: false,
		description:
			'Whether to dump former rows of system-versioned tables too (MariaDB 10.11 and later)',
	},
	{
		displayName: 'Include Routines',
		name: 'routines',
		type: 'boolean',
		default: true,
		description: 'Whether to dump functions and procedures; CaosDB does not run without its own',
	},
	{
		displayName: 'Include Triggers',
		name: 'triggers',
		type: 'boolean',
		default: true,
		description: 'Whether to dump the triggers of the tables',
	},
	{
		displayName: 'Include Views',
		name: 'views',
		type: 'boolean',
		default: true,
		description: 'Whether to dump the views',
	},
	{
		displayName: 'Statement Size (MB)',
		name: 'statementSize',
		type: 'number',
		typeOptions: { minValue: 0.02, maxValue: 67, numberPrecision: 3 },
		default: 1,
		description: 'Largest INSERT of many rows; a single row may be larger',
	},
	{
		displayName: 'Structure Only Table Names or IDs',
		name: 'structureOnly',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getTables' },
		default: [],
		description:
			'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		hint: 'Tables that are dumped without their rows',
	},
	{
		displayName: 'Table Names or IDs to Include',
		name: 'includeTables',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getTables' },
		default: [],
		description:
			'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		hint: 'Only these tables are dumped; without any, all are',
	},
	{
		displayName: 'Table Names or IDs to Skip',
		name: 'skipTables',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getTablesAndViews' },
		default: [],
		description:
			'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		hint: 'Tables and views that are left out',
	},
];

/** Names from the list, or what an expression gave: a list, or one text with commas. */
function names(value: unknown, label: string): readonly string[] {
	const list = typeof value === 'string' ? value.split(',') : (value ?? []);
	if (Array.isArray(list) && list.every((name) => typeof name === 'string')) {
		return list.map((name) => name.trim()).filter((name) => name !== '');
	}
	throw new EngineError('invalid_option', `'${label}' is not a list of names`, {
		remedy: 'Give an array of texts, or one text with commas.',
	});
}

function definersOf(options: IDataObject): NonNullable<Content['definers']> {
	switch (options.definers) {
		case 'remove':
			return { mode: 'remove' };
		case 'replace': {
			const account = typeof options.definerAccount === 'string' ? options.definerAccount : '';
			return { mode: 'replace', account };
		}
		default:
			return { mode: 'keep' };
	}
}

/** The fields above as the engine takes them. Throws `invalid_option`; the engine checks the values. */
export function contentOf(options: IDataObject): Content {
	const content: Mutable<Content> = {
		includeTables: names(options.includeTables, 'Tables to Include'),
		skipTables: names(options.skipTables, 'Tables to Skip'),
		structureOnly: names(options.structureOnly, 'Structure Only Tables'),
		definers: definersOf(options),
	};
	for (const kind of ['routines', 'triggers', 'events', 'views'] as const) {
		content[kind] = options[kind] !== false;
	}
	content.history = options.history === true;
	if (options.statementSize !== undefined) {
		content.statementBytes = Math.round(Number(options.statementSize) * BYTES_PER_MB);
	}
	if (options.connections !== undefined) content.connections = Number(options.connections);
	return content;
}
