import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { backupOutput } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { openDestination } from '../shared/destination.ts';
import { runEngine } from '../shared/run-engine.ts';
import { sqlAccessOf } from '../shared/sql-credential.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { contentOf } from './content-options.ts';

/** Backs up the credential's database for one item. */
export async function backUp(context: IExecuteFunctions, itemIndex: number): Promise<ItemOutput> {
	const access = await sqlAccessOf(context, itemIndex);
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const content = contentOf(options);
	const target = await openDestination(context, itemIndex, {
		kind: 'sql',
		database: access.database,
	});
	try {
		const { destination, compression, verify, allowMissingFiles } = target;
		const store = new ItemBinaryStore(context);
		const input = { ...access, destination, compression, verify, allowMissingFiles, content };
		return backupOutput(
			context,
			itemIndex,
			await runEngine(context, 'sqlBackup', input, store),
			store,
		);
	} finally {
		await target.close();
	}
}
