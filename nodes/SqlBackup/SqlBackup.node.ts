import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { runItems } from '../shared/run-items.ts';
import { sqlConnectionTest } from '../shared/sql-credential.ts';
import { backUp } from './back-up.operation.ts';
import { inspect } from './inspect.operation.ts';
import { getTables, getTablesAndViews } from './load-options.ts';
import { sqlBackupProperties } from './properties.ts';

export class SqlBackup implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CaosDB SQL Backup',
		name: 'sqlBackup',
		icon: { light: 'file:sqlBackup.svg', dark: 'file:sqlBackup.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"] === "inspect" ? "inspect" : $parameter["destination"] === "set" ? "to a backup set" : $parameter["destination"] === "file" ? "to a file" : "to a binary field" }}',
		description:
			'Back up the SQL database of a LinkAhead (formerly CaosDB) server as a plain SQL dump',
		defaults: { name: 'CaosDB SQL Backup' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'caosDbSqlApi', required: true, testedBy: 'sqlConnectionTest' }],
		properties: sqlBackupProperties,
	};

	methods = {
		credentialTest: { sqlConnectionTest },
		loadOptions: { getTables, getTablesAndViews },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (this.getNodeParameter('operation', 0) === 'inspect') {
			return await runItems(this, 'sqlInspect', async (item) => await inspect(this, item));
		}
		return await runItems(this, 'sql', async (itemIndex) => await backUp(this, itemIndex));
	}
}
