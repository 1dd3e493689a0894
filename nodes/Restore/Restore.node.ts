import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { runItems } from '../shared/run-items.ts';
import { sqlConnectionTest } from '../shared/sql-credential.ts';
import { restoreProperties } from './properties.ts';
import { restoreDatabase } from './restore-database.operation.ts';
import { restoreFileRoot } from './restore-file-root.operation.ts';

// An agent must not be able to restore over data: the node is no tool, and the rule asks for one.
// eslint-disable-next-line @n8n/community-nodes/node-usable-as-tool
export class Restore implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CaosDB Restore',
		name: 'restore',
		icon: { light: 'file:restore.svg', dark: 'file:restore.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Restore the SQL database or the file root of a LinkAhead (formerly CaosDB) server',
		defaults: { name: 'CaosDB Restore' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'caosDbSqlApi',
				required: true,
				testedBy: 'sqlConnectionTest',
				displayOptions: { show: { resource: ['database'] } },
			},
		],
		properties: restoreProperties,
	};

	methods = { credentialTest: { sqlConnectionTest } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0);
		const restore = resource === 'fileRoot' ? restoreFileRoot : restoreDatabase;
		const kind = resource === 'fileRoot' ? 'fileRootRestore' : 'sqlRestore';
		return await runItems(this, kind, async (itemIndex) => await restore(this, itemIndex));
	}
}
