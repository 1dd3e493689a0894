import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { runEngine } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { databasePlace, textParameter } from './database-parameters.ts';
import { demandServerStopped } from './demand-server-stopped.ts';

/** Brings the content back that a restore kept. */
export async function rollBackDatabase(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ItemOutput> {
	await demandServerStopped(context, itemIndex, 'rollBackOptions');
	const place = await databasePlace(context, itemIndex);
	const keptDatabase = textParameter(context, itemIndex, 'keptDatabase');
	const options = context.getNodeParameter('rollBackOptions', itemIndex, {}) as IDataObject;
	const input = {
		...place,
		...(keptDatabase === '' ? {} : { keptDatabase }),
		allowOtherSessions: options.allowOtherSessions === true,
	};
	const store = new ItemBinaryStore(context);
	const report = await runEngine(context, 'sqlRollBack', input, store);
	return { json: reportJson(context, report) };
}
