import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import {
	type ArtifactKind,
	COMPRESSION_KINDS,
	type Compression,
	checkFileName,
	instanceNameOf,
	resolveCompression,
} from '../../lib/artifact/index.ts';
import type { Destination } from '../../lib/job/index.ts';
import { type OpenFolder, openFolder, openFolderOf } from './file-access.ts';

export const DEFAULT_BACKUP_FOLDER = '~/.n8n-files/caosdb-backups';

/** Where the file goes: the same fields in every backup node. `example` is a file path. */
export function destinationProperties(example: string): INodeProperties[] {
	return [
		{
			displayName: 'Destination',
			name: 'destination',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'Backup Set',
					value: 'set',
					description:
						'A dated folder with checksums and a manifest, shared by the nodes of a pipeline',
				},
				{
					name: 'Binary Field',
					value: 'binary',
					description: 'Hand the file to the next node, for example S3, SFTP or e-mail',
				},
				{
					name: 'File',
					value: 'file',
					description: 'One file at a path of your choice',
				},
			],
			default: 'set',
		},
		{
			displayName: 'Backup Folder',
			name: 'backupFolder',
			type: 'string',
			required: true,
			default: DEFAULT_BACKUP_FOLDER,
			placeholder: 'e.g. /backups',
			description: 'Folder that holds all backup sets; it is made if missing',
			hint: 'n8n must be allowed to write there (N8N_RESTRICT_FILE_ACCESS_TO). In Docker, choose a mounted volume.',
			displayOptions: { show: { destination: ['set'] } },
		},
		{
			displayName: 'File Path',
			name: 'filePath',
			type: 'string',
			required: true,
			default: '',
			placeholder: `e.g. ${example}`,
			hint: 'Absolute path of the file to write. Its folder is made if missing.',
			displayOptions: { show: { destination: ['file'] } },
		},
		{
			displayName: 'Output Data Field Name',
			name: 'outputField',
			type: 'string',
			required: true,
			default: 'data',
			hint: 'The name of the output field that will contain the file',
			displayOptions: { show: { destination: ['binary'] } },
		},
		{
			displayName: 'Compression',
			name: 'compression',
			type: 'options',
			options: [
				{ name: 'Gzip', value: 'gzip', description: 'Read by every tool, slower' },
				{ name: 'None', value: 'none', description: 'Largest, readable at once' },
				{ name: 'Zstandard', value: 'zstd', description: 'Fast and small; read with zstd -d' },
			],
			default: 'zstd',
		},
	];
}

/** Options that every backup node has beside its own; callers sort them in. */
export const DESTINATION_OPTIONS: readonly INodeProperties[] = [
	{
		displayName: 'Allow Missing Files',
		name: 'allowMissingFiles',
		type: 'boolean',
		default: false,
		description:
			'Whether to go on when the database of the backup set lists files that its file root lacks; the result is then partial',
		hint: 'Both are compared when the second of them is added to a set',
	},
	{
		displayName: 'Backup Set Contains',
		name: 'expected',
		type: 'options',
		options: [
			{ name: 'Database and File Root', value: 'both' },
			{ name: 'Only What This Node Makes', value: 'one' },
		],
		default: 'both',
		description: 'What must be in a new backup set before it counts as complete',
	},
	{
		displayName: 'Compression Level',
		name: 'compressionLevel',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 19 },
		default: 1,
		description: 'Higher is smaller and slower: 1 to 19 for Zstandard, 1 to 9 for Gzip',
	},
	{
		displayName: 'Instance Name',
		name: 'instance',
		type: 'string',
		default: '',
		placeholder: 'e.g. caosdb-production',
		description: 'Folder of this server below the backup folder. Empty: the name of the database.',
	},
	{
		displayName: 'Join the Backup Set of the Input',
		name: 'join',
		type: 'boolean',
		default: true,
		description:
			"Whether to add to the backup set that the input item names in its field 'backupSet'",
	},
	{
		displayName: 'Overwrite',
		name: 'overwrite',
		type: 'boolean',
		default: false,
		description: "Whether an existing file may be replaced, if 'Destination' is File",
	},
	{
		displayName: 'Verify After Writing',
		name: 'verify',
		type: 'boolean',
		default: true,
		description: 'Whether to read the file back and compare it before it gets its name',
	},
];

/** A destination as the job takes it, with the folder that must be closed after the job. */
export interface OpenDestination {
	readonly destination: Destination;
	readonly compression: Compression;
	readonly verify: boolean;
	readonly allowMissingFiles: boolean;
	close(): Promise<void>;
}

function fieldText(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

function compressionOf(kind: string, options: IDataObject): Compression {
	const level = options.compressionLevel;
	const known = COMPRESSION_KINDS.find((candidate) => candidate === kind);
	return resolveCompression(known ?? kind, typeof level === 'number' ? level : undefined);
}

function withFolder(
	folder: OpenFolder | undefined,
	destination: Destination,
): { destination: Destination; close: () => Promise<void> } {
	return { destination, close: async () => await folder?.close() };
}

async function openSetDestination(
	context: IExecuteFunctions,
	itemIndex: number,
	made: { readonly kind: ArtifactKind; readonly database?: string },
	options: IDataObject,
): Promise<{ destination: Destination; close: () => Promise<void> }> {
	const item = context.getInputData()[itemIndex]?.json ?? {};
	const inputSet = fieldText(item.backupSet);
	if (options.join !== false && inputSet !== '') {
		const set = await openFolder(context.helpers, inputSet, { create: false });
		return withFolder(set, { kind: 'joinSet', set: plain(set) });
	}
	const named = fieldText(options.instance) || fieldText(item.instance);
	const path = fieldText(context.getNodeParameter('backupFolder', itemIndex));
	const backups = await openFolder(context.helpers, path, { create: true });
	return withFolder(backups, {
		kind: 'newSet',
		backups: plain(backups),
		instance: named === '' ? instanceNameOf(made.database ?? 'caosdb') : named,
		expected: expectedOf(made.kind, options),
	});
}

/** Entities make a set of their own; database and file root are one backup. */
function expectedOf(kind: ArtifactKind, options: IDataObject): readonly ArtifactKind[] {
	if (kind === 'entities' || options.expected === 'one') return [kind];
	return ['sql', 'fileRoot'];
}

/** What crosses to the worker: no functions. */
function plain({ path, displayPath }: OpenFolder): { path: string; displayPath: string } {
	return { path, displayPath };
}

/** Reads the fields above for one item and opens the folder. Throws `invalid_option`, path codes. */
export async function openDestination(
	context: IExecuteFunctions,
	itemIndex: number,
	made: { readonly kind: ArtifactKind; readonly database?: string },
): Promise<OpenDestination> {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const kind = context.getNodeParameter('compression', itemIndex) as string;
	const compression = compressionOf(kind, options);
	const verify = options.verify !== false;
	const shared = { compression, verify, allowMissingFiles: options.allowMissingFiles === true };
	switch (context.getNodeParameter('destination', itemIndex)) {
		case 'set':
			return { ...shared, ...(await openSetDestination(context, itemIndex, made, options)) };
		case 'file': {
			const path = fieldText(context.getNodeParameter('filePath', itemIndex));
			const { folder, fileName } = await openFolderOf(context.helpers, path, { create: true });
			const overwrite = options.overwrite === true;
			checkFileName(fileName);
			const destination = { kind: 'file' as const, folder: plain(folder), fileName, overwrite };
			return { ...shared, ...withFolder(folder, destination) };
		}
		default:
			return { ...shared, ...withFolder(undefined, { kind: 'binary' }) };
	}
}
