import type { IExecuteFunctions } from 'n8n-workflow';

import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { openFolder } from '../shared/file-access.ts';
import { runEngine } from '../shared/run-engine.ts';
import { openSource } from '../shared/source.ts';
import type { ItemOutput } from '../shared/run-items.ts';

/** Extracts an archive into the target folder of one item. */
export async function restoreFileRoot(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ItemOutput> {
	const path = String(context.getNodeParameter('targetFolder', itemIndex)).trim();
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const folder = await openFolder(context.helpers, path, { create: true });
		let restored = false;
		try {
			const target = { path: folder.path, displayPath: folder.displayPath };
			const report = await runEngine(context, 'fileRootRestore', { target, source }, store);
			restored = true;
			return { json: reportJson(context, report) };
		} finally {
			if (!restored) await folder.removeIfMade();
			await folder.close();
		}
	} finally {
		await close();
	}
}
