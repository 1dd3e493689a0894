import type { IExecuteFunctions } from 'n8n-workflow';

import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { runEngine } from '../shared/run-engine.ts';
import { openSource } from '../shared/source.ts';
import { sqlAccessOf } from '../shared/sql-credential.ts';
import type { ItemOutput } from '../shared/run-items.ts';

/** Restores a dump into the target database of one item. */
export async function restoreDatabase(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ItemOutput> {
	const { endpoint, database: ofCredential } = await sqlAccessOf(context, itemIndex);
	const named = String(context.getNodeParameter('database', itemIndex, '')).trim();
	const database = named === '' ? ofCredential : named;
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const report = await runEngine(context, 'sqlRestore', { endpoint, database, source }, store);
		return { json: reportJson(context, report) };
	} finally {
		await close();
	}
}
