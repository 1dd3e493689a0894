import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failedItem, routedItem, toNodeError } from './node-error.ts';

export type ItemOutput = Pick<INodeExecutionData, 'json' | 'binary'>;

/** Makes the output of one item, which may be several items. */
export type ItemRunner = (itemIndex: number) => Promise<ItemOutput | readonly ItemOutput[]>;

/**
 * Runs items one after the other; most nodes make one output item of each. With 'On Error: Continue' a failed item goes on
 * as `{ status: 'failed', … }`; a cancelled run always ends. The item's own field `error` stays empty:
 * n8n would replace the whole JSON by the message alone.
 */
export async function runItems(
	context: IExecuteFunctions,
	kind: string,
	run: ItemRunner,
): Promise<INodeExecutionData[][]> {
	const node = context.getNode();
	const signal = context.getExecutionCancelSignal();
	const output: INodeExecutionData[] = [];
	for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
		try {
			const made = [await run(itemIndex)].flat();
			for (const one of made) output.push({ ...one, pairedItem: { item: itemIndex } });
		} catch (error) {
			const nodeError = toNodeError(node, error, itemIndex);
			if (signal?.aborted === true || !context.continueOnFail()) throw nodeError;
			const json = failedItem(error, kind);
			const isRouted = node.onError === 'continueErrorOutput';
			output.push({
				json: isRouted ? routedItem(json) : json,
				pairedItem: { item: itemIndex },
			});
		}
	}
	return [output];
}
