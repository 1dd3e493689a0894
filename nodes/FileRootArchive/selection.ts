import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { FileRootSelection } from '../../lib/job/index.ts';
import { openFolder } from '../shared/file-access.ts';

const BYTES_PER_MB = 1_000_000;

/** What of the file root is wanted: options of every operation of the node, in alphabetical order. */
export const SELECTION_OPTIONS: readonly INodeProperties[] = [
	{
		displayName: 'Exclude Patterns',
		name: 'exclude',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. *.tmp',
		description: 'Entries to leave out, one pattern per line, written as in a .gitignore file',
		hint: 'A trailing slash means folders only, a leading one the top of the file root, and ! takes an entry back',
	},
	{
		displayName: 'Follow Links Into These Folders',
		name: 'follow',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. /opt/caosdb/mnt/extroot',
		description:
			'Symbolic links that lead into one of these folders, one per line, are archived as the files and folders they lead to; all others stay links',
		hint: 'n8n must be allowed to read there (N8N_RESTRICT_FILE_ACCESS_TO)',
	},
	{
		displayName: 'Maximum File Size (MB)',
		name: 'maxFileMb',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'Larger files are left out and counted; 0 means no limit',
	},
	{
		displayName: 'Stay on One File System',
		name: 'oneFileSystem',
		type: 'boolean',
		default: false,
		description: 'Whether to leave out what other file systems mounted below the file root hold',
	},
];

/** What to do about problems: options of the operations that write. */
export const PROBLEM_OPTIONS: readonly INodeProperties[] = [
	{
		displayName: 'Skip Blocked Entries',
		name: 'skipBlocked',
		type: 'boolean',
		default: false,
		description:
			"Whether to go on without entries that n8n's file policy blocks; the result is then partial",
		hint: 'N8N_BLOCK_FILE_PATTERNS decides; by default it blocks every .git folder',
	},
	{
		displayName: 'Skip Changing and Unreadable Entries',
		name: 'skipProblems',
		type: 'boolean',
		default: false,
		description:
			'Whether to go on without files that change while they are read, entries that cannot be read, sockets, named pipes and devices; the result is then partial and lists them',
	},
];

function lines(value: unknown): string[] {
	if (typeof value !== 'string') return [];
	return value
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '');
}

/** Reads the options above for one item. Throws the path codes for a folder to follow into. */
export async function selectionOf(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<FileRootSelection> {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const follow: string[] = [];
	for (const path of lines(options.follow)) {
		const folder = await openFolder(context.helpers, path, { create: false });
		await folder.close();
		follow.push(folder.displayPath);
	}
	const maxFileMb = Number(options.maxFileMb ?? 0);
	return {
		follow,
		exclude: lines(options.exclude),
		oneFileSystem: options.oneFileSystem === true,
		onProblem: options.skipProblems === true ? 'skip' : 'abort',
		onBlocked: options.skipBlocked === true ? 'skip' : 'abort',
		...(maxFileMb > 0 ? { maxFileBytes: maxFileMb * BYTES_PER_MB } : {}),
	};
}
