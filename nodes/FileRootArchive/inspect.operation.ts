import type { IExecuteFunctions } from 'n8n-workflow';

import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { openFolder } from '../shared/file-access.ts';
import { runEngine } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { selectionOf } from './selection.ts';

/** Inspects the folder that one item names. */
export async function inspect(context: IExecuteFunctions, itemIndex: number): Promise<ItemOutput> {
	const path = String(context.getNodeParameter('fileRoot', itemIndex)).trim();
	const fileRoot = await openFolder(context.helpers, path, { create: false });
	try {
		const root = { path: fileRoot.path, displayPath: fileRoot.displayPath };
		const input = { root, selection: await selectionOf(context, itemIndex) };
		const store = new ItemBinaryStore(context);
		return { json: reportJson(context, await runEngine(context, 'fileRootInspect', input, store)) };
	} finally {
		await fileRoot.close();
	}
}
