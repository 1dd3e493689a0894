import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { openFolder } from '../shared/file-access.ts';
import { runEngine } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { openSource } from '../shared/source.ts';
import { demandServerStopped } from './demand-server-stopped.ts';
import {
	chosenTables,
	databasePlace,
	existingContent,
	loadConnections,
	restoreOptions,
} from './database-parameters.ts';

/** Restores a dump into the target database of one item. */
export async function restoreDatabase(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ItemOutput> {
	await demandServerStopped(context, itemIndex, 'options');
	const place = await databasePlace(context, itemIndex);
	const options = {
		...restoreOptions(context, itemIndex),
		...existingContent(context, itemIndex),
		...chosenTables(context, itemIndex),
		...loadConnections(context, itemIndex),
	};
	const { safetyFolder } = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const path = String(safetyFolder ?? '').trim();
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const folder =
			path === '' ? undefined : await openFolder(context.helpers, path, { create: true });
		try {
			const safety =
				folder === undefined
					? {}
					: { safetyFolder: { path: folder.path, displayPath: folder.displayPath } };
			const input = { ...place, ...options, ...safety, source };
			const report = await runEngine(context, 'sqlRestore', input, store);
			return { json: reportJson(context, report) };
		} finally {
			await folder?.close();
		}
	} finally {
		await close();
	}
}
