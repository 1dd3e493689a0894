import type { IExecuteFunctions } from 'n8n-workflow';

import { backupOutput } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { openDestination } from '../shared/destination.ts';
import { openFolder } from '../shared/file-access.ts';
import { runEngine } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { selectionOf } from './selection.ts';

/** Archives the folder that one item names. */
export async function archive(context: IExecuteFunctions, itemIndex: number): Promise<ItemOutput> {
	const path = String(context.getNodeParameter('fileRoot', itemIndex)).trim();
	const fileRoot = await openFolder(context.helpers, path, { create: false });
	try {
		const target = await openDestination(context, itemIndex, { kind: 'fileRoot' });
		try {
			const { destination, compression, verify } = target;
			const store = new ItemBinaryStore(context);
			const root = { path: fileRoot.path, displayPath: fileRoot.displayPath };
			const selection = await selectionOf(context, itemIndex);
			const input = { root, selection, destination, compression, verify };
			const report = await runEngine(context, 'fileRootArchive', input, store);
			return backupOutput(context, itemIndex, report, store);
		} finally {
			await target.close();
		}
	} finally {
		await fileRoot.close();
	}
}
