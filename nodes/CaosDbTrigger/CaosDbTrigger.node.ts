import {
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { serverConnectionTest } from '../shared/server-credential.ts';
import { pollServer } from './poll.ts';
import { caosDbTriggerProperties } from './properties.ts';

export class CaosDbTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CaosDB Trigger',
		name: 'caosDbTrigger',
		icon: { light: 'file:caosDbTrigger.svg', dark: 'file:caosDbTrigger.dark.svg' },
		group: ['trigger'],
		version: 1,
		polling: true,
		subtitle: '={{ $parameter["watch"] === "query" ? $parameter["query"] : "all entities" }}',
		description:
			'Starts the workflow when entities of a LinkAhead (formerly CaosDB) server are inserted, updated or deleted',
		eventTriggerDescription: 'Waiting for entities to change',
		activationMessage: 'From now on, changes of entities start this workflow.',
		defaults: { name: 'CaosDB Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'caosDbApi', required: true, testedBy: 'serverConnectionTest' }],
		properties: caosDbTriggerProperties,
	};

	methods = { credentialTest: { serverConnectionTest } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await pollServer(this);
	}
}
