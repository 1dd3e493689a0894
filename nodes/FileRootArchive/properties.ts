import type { INodeProperties } from 'n8n-workflow';

import { DESTINATION_OPTIONS, destinationProperties } from '../shared/destination.ts';
import { extraFoldersProperty } from './extra-folders.ts';
import { INCREMENTAL_OPTIONS } from './incremental.ts';
import { PROBLEM_OPTIONS, SELECTION_OPTIONS } from './selection.ts';

const ARCHIVE_ONLY = { show: { operation: ['archive'] } };

const LINK_TARGETS: INodeProperties = {
	displayName: 'Hash Link Targets',
	name: 'hashLinkTargets',
	type: 'boolean',
	default: false,
	description:
		'Whether to read what symbolic links lead to and compare it with the database of the backup set by checksum; otherwise by existence and size',
	hint: 'n8n must be allowed to read there (N8N_RESTRICT_FILE_ACCESS_TO)',
};

function sorted(options: readonly INodeProperties[]): INodeProperties[] {
	return [...options].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'));
}

/** Fields of the destination, shown only where something is written. */
function whenArchiving(property: INodeProperties): INodeProperties {
	const show = { ...property.displayOptions?.show, ...ARCHIVE_ONLY.show };
	return { ...property, displayOptions: { ...property.displayOptions, show } };
}

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
			{
				name: 'Inspect',
				value: 'inspect',
				action: 'Inspect the file root',
				description: 'Tell what an archive would hold and what stands in its way, without writing',
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
	...destinationProperties('/backups/caosroot.tar.zst').map(whenArchiving),
	extraFoldersProperty,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: sorted([
			...DESTINATION_OPTIONS,
			...SELECTION_OPTIONS,
			...PROBLEM_OPTIONS,
			...INCREMENTAL_OPTIONS,
			LINK_TARGETS,
		]),
		displayOptions: ARCHIVE_ONLY,
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...SELECTION_OPTIONS],
		displayOptions: { show: { operation: ['inspect'] } },
	},
];
