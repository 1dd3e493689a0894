import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { runItems } from '../shared/run-items.ts';
import { serverConnectionTest } from '../shared/server-credential.ts';
import { exportXml } from './export.operation.ts';
import { xmlExportProperties } from './properties.ts';

export class XmlExport implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CaosDB XML Export',
		name: 'xmlExport',
		icon: { light: 'file:xmlExport.svg', dark: 'file:xmlExport.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			'={{ $parameter["selectBy"] === "query" ? $parameter["query"] : $parameter["selectBy"] === "all" ? "all entities" : "by " + $parameter["selectBy"] }}',
		description:
			'Export entities of a LinkAhead (formerly CaosDB) server as XML, with what they need and with file contents',
		defaults: { name: 'CaosDB XML Export' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'caosDbApi', required: true, testedBy: 'serverConnectionTest' }],
		properties: xmlExportProperties,
	};

	methods = { credentialTest: { serverConnectionTest } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, 'entities', async (itemIndex) => await exportXml(this, itemIndex));
	}
}
