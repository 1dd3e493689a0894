import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { runItems } from '../shared/run-items.ts';
import { serverConnectionTest } from '../shared/server-credential.ts';
import { importXml } from './import.operation.ts';
import { xmlImportProperties } from './properties.ts';

// An agent must not be able to change or delete what a server holds: the node is no tool, and the rule asks for one.
// eslint-disable-next-line @n8n/community-nodes/node-usable-as-tool
export class XmlImport implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CaosDB XML Import',
		name: 'xmlImport',
		icon: { light: 'file:xmlImport.svg', dark: 'file:xmlImport.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": from " + $parameter["sourceName"] }}',
		description:
			'Import entities from XML into a LinkAhead (formerly CaosDB) server, with file contents and without duplicates',
		defaults: { name: 'CaosDB XML Import' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'caosDbApi', required: true, testedBy: 'serverConnectionTest' }],
		properties: xmlImportProperties,
	};

	methods = { credentialTest: { serverConnectionTest } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const isDryRun = this.getNodeParameter('operation', 0, 'import') === 'dryRun';
		return await runItems(this, isDryRun ? 'xmlImportPlan' : 'xmlImport', async (itemIndex) => {
			return await importXml(this, itemIndex, { isDryRun });
		});
	}
}
