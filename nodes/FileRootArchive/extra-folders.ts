import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { ExtraFolder } from '../../lib/job/index.ts';
import { type OpenFolder, openFolder } from '../shared/file-access.ts';

/** Folders of a CaosDB server that belong into a backup beside its files. */
const CONFIGURATION_FOLDERS = {
	/** Of LinkAhead's control program since 1.0: the settings of one project. */
	project: {
		name: 'project',
		path: '~/.config/lactl/default',
		holds: ['.env.custom', 'linkahead-server', 'linkahead-webui-legacy'],
	},
	/** What overrides the server's defaults: users and their sources, tokens, permissions. */
	serverConfiguration: {
		name: 'conf-ext',
		path: 'conf/ext',
		holds: ['usersources.ini', 'authtoken.yaml', 'server.conf', 'server.conf.d'],
	},
} as const;

const { project, serverConfiguration } = CONFIGURATION_FOLDERS;

/** Folders that go into the set beside the file root. */
export const extraFoldersProperty: INodeProperties = {
	displayName: 'Extra Folders',
	name: 'extraFolders',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	default: {},
	placeholder: 'Add Folder',
	description:
		"Folders to archive in the same backup set, each under a name by which it is restored, for example the server's configuration",
	options: [
		{
			displayName: 'Folder',
			name: 'folder',
			values: [
				{
					displayName: 'Content',
					name: 'content',
					type: 'options',
					options: [
						{
							name: 'LinkAhead Project',
							value: 'project',
							description: `Project folder of LinkAhead's control program, e.g. ${project.path}`,
						},
						{ name: 'Other', value: 'other' },
						{
							name: 'Server Configuration',
							value: 'serverConfiguration',
							description: "The server's conf/ext with usersources.ini and authtoken.yaml",
						},
					],
					default: 'serverConfiguration',
				},
				{
					displayName: 'Path',
					name: 'path',
					type: 'string',
					default: '',
					placeholder: 'e.g. /opt/caosdb/conf/ext',
					description: 'Folder as the machine running n8n sees it',
					hint: `Empty with 'LinkAhead Project': ${project.path} of the account that runs n8n`,
				},
				{
					displayName: 'Name in the Backup Set',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. server-configuration',
					hint: `Empty: ${serverConfiguration.name} or ${project.name}, by the content`,
				},
			],
		},
	],
	displayOptions: { show: { operation: ['archive'], destination: ['set'] } },
};

export interface OpenExtraFolders {
	readonly folders: readonly ExtraFolder[];
	close(): Promise<void>;
}

function text(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

async function openOne(
	context: IExecuteFunctions,
	given: IDataObject,
): Promise<{ readonly opened: OpenFolder; readonly folder: ExtraFolder }> {
	const preset =
		given.content === 'project'
			? project
			: given.content === 'serverConfiguration'
				? serverConfiguration
				: undefined;
	const path = text(given.path) || (preset === project ? project.path : '');
	const opened = await openFolder(context.helpers, path, { create: false });
	const root = { path: opened.path, displayPath: opened.displayPath };
	const name = text(given.name) || (preset?.name ?? '');
	return { opened, folder: { name, root, holds: [...(preset?.holds ?? [])] } };
}

/** Opens the folders of one item. Throws `invalid_option` and the path codes. */
export async function openExtraFolders(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<OpenExtraFolders> {
	const given = context.getNodeParameter('extraFolders.folder', itemIndex, []) as IDataObject[];
	const opened: OpenFolder[] = [];
	const close = async (): Promise<void> => {
		for (const folder of opened) await folder.close();
	};
	let isOpen = false;
	try {
		const folders: ExtraFolder[] = [];
		for (const one of given) {
			const found = await openOne(context, one);
			opened.push(found.opened);
			folders.push(found.folder);
		}
		isOpen = true;
		return { folders, close };
	} finally {
		if (!isOpen) await close();
	}
}
