import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { runEngine } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { sqlAccessOf } from '../shared/sql-credential.ts';
import { contentOf } from './content-options.ts';

/** Tells what a backup of the credential's database would hold, for one item. */
export async function inspect(context: IExecuteFunctions, itemIndex: number): Promise<ItemOutput> {
	const access = await sqlAccessOf(context, itemIndex);
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const input = { ...access, content: contentOf(options) };
	const report = await runEngine(context, 'sqlInspect', input, new ItemBinaryStore(context));
	return { json: reportJson(context, report) };
}
