import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { runItems } from '../shared/run-items.ts';
import { archive } from './archive.operation.ts';
import { inspect } from './inspect.operation.ts';
import { fileRootArchiveProperties } from './properties.ts';

export class FileRootArchive implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CaosDB File Root Archive',
		name: 'fileRootArchive',
		icon: { light: 'file:fileRootArchive.svg', dark: 'file:fileRootArchive.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["fileRoot"] }}',
		description:
			'Archive the internal file system of a LinkAhead (formerly CaosDB) server as a tar file, with its symbolic links',
		defaults: { name: 'CaosDB File Root Archive' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: fileRootArchiveProperties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const isInspect = this.getNodeParameter('operation', 0, 'archive') === 'inspect';
		const [kind, run] = isInspect ? ['fileRootInspect', inspect] : ['fileRoot', archive];
		return await runItems(this, kind, async (itemIndex) => await run(this, itemIndex));
	}
}
