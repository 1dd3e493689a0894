import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { BackupReport } from '../../lib/job/index.ts';
import { backupOutput } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { type OpenDestination, openDestination } from '../shared/destination.ts';
import { type OpenFolder, openFolder } from '../shared/file-access.ts';
import { runEngine } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { type OpenExtraFolders, openExtraFolders } from './extra-folders.ts';
import { incrementalOf } from './incremental.ts';
import { selectionOf } from './selection.ts';

interface Opened {
	readonly fileRoot: OpenFolder;
	readonly extra: OpenExtraFolders;
	readonly target: OpenDestination;
}

/** Opens everything that one item names, runs, and closes what is open by then. */
async function whileOpen<T>(
	context: IExecuteFunctions,
	itemIndex: number,
	run: (opened: Opened) => Promise<T>,
): Promise<T> {
	const path = String(context.getNodeParameter('fileRoot', itemIndex)).trim();
	const fileRoot = await openFolder(context.helpers, path, { create: false });
	try {
		const extra = await openExtraFolders(context, itemIndex);
		try {
			const target = await openDestination(context, itemIndex, { kind: 'fileRoot' });
			try {
				return await run({ fileRoot, extra, target });
			} finally {
				await target.close();
			}
		} finally {
			await extra.close();
		}
	} finally {
		await fileRoot.close();
	}
}

async function run(
	context: IExecuteFunctions,
	itemIndex: number,
	store: ItemBinaryStore,
): Promise<BackupReport> {
	return await whileOpen(context, itemIndex, async ({ fileRoot, extra, target }) => {
		const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
		const { destination, compression, verify, allowMissingFiles } = target;
		const input = {
			root: { path: fileRoot.path, displayPath: fileRoot.displayPath },
			selection: await selectionOf(context, itemIndex),
			folders: extra.folders,
			...{ destination, compression, verify, allowMissingFiles },
			...incrementalOf(options),
			hashesLinkTargets: options.hashLinkTargets === true,
		};
		return await runEngine(context, 'fileRootArchive', input, store);
	});
}

/** Archives the folder that one item names. */
export async function archive(context: IExecuteFunctions, itemIndex: number): Promise<ItemOutput> {
	const store = new ItemBinaryStore(context);
	return backupOutput(context, itemIndex, await run(context, itemIndex, store), store);
}
