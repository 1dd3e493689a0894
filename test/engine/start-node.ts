import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { workflow } from './engine-host.ts';

const { NodeConnectionTypes } = workflow;

/** Hands on the items that a run begins with; n8n's manual trigger would give a single empty one. */
export class StartNode implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Start',
		name: 'start',
		group: ['transform'],
		version: 1,
		description: 'Begins a run of the engine tests',
		defaults: { name: 'Start' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getInputData()];
	}
}
