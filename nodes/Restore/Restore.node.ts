import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
	NodeOperationError,
} from 'n8n-workflow';

import { type ItemOutput, runItems } from '../shared/run-items.ts';
import { serverConnectionTest } from '../shared/server-credential.ts';
import { sqlConnectionTest } from '../shared/sql-credential.ts';
import { restoreProperties } from './properties.ts';
import { restoreDatabase } from './restore-database.operation.ts';
import {
	rehearseFileRoot,
	restoreFileRoot,
	rollBackFileRoot,
	verifyFileRoot,
} from './restore-file-root.operation.ts';
import { rollBackDatabase } from './roll-back-database.operation.ts';
import { rehearseDatabase, verifyDatabase } from './try-database.operation.ts';

interface Operation {
	readonly kind: string;
	readonly run: (context: IExecuteFunctions, itemIndex: number) => Promise<ItemOutput>;
}

const DATABASE: Readonly<Record<string, Operation>> = {
	rehearse: { kind: 'sqlRehearsal', run: rehearseDatabase },
	restore: { kind: 'sqlRestore', run: restoreDatabase },
	rollBack: { kind: 'sqlRollBack', run: rollBackDatabase },
	verify: { kind: 'sqlVerify', run: verifyDatabase },
};
const FILE_ROOT: Readonly<Record<string, Operation>> = {
	rehearse: { kind: 'fileRootRehearsal', run: rehearseFileRoot },
	restore: { kind: 'fileRootRestore', run: restoreFileRoot },
	rollBack: { kind: 'fileRootRollBack', run: rollBackFileRoot },
	verify: { kind: 'fileRootVerify', run: verifyFileRoot },
};

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
			{
				name: 'caosDbApi',
				required: false,
				testedBy: 'serverConnectionTest',
				displayOptions: { show: { operation: ['restore', 'rollBack'] } },
			},
		],
		properties: restoreProperties,
	};

	methods = { credentialTest: { serverConnectionTest, sqlConnectionTest } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0);
		const operation = String(this.getNodeParameter('operation', 0, 'restore'));
		const found = resource === 'fileRoot' ? FILE_ROOT[operation] : DATABASE[operation];
		if (found === undefined) {
			throw new NodeOperationError(this.getNode(), `There is no operation '${operation}'`, {
				description: "Choose one in 'Operation'.",
			});
		}
		const { kind, run } = found;
		return await runItems(this, kind, async (itemIndex) => await run(this, itemIndex));
	}
}
