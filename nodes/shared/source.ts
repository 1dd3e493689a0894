import type { IExecuteFunctions } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { Source } from '../../lib/job/index.ts';
import type { ItemBinaryStore } from './binary-store.ts';
import { openFolder, openFolderOf } from './file-access.ts';

/** A source as the job takes it, with what must be closed after the job. */
export interface OpenSource {
	readonly source: Source;
	close(): Promise<void>;
}

function pathParameter(
	context: IExecuteFunctions,
	itemIndex: number,
	name: string,
	label: string,
): string {
	const value = context.getNodeParameter(name, itemIndex, '');
	if (typeof value === 'string' && value.trim() !== '') return value.trim();
	throw new EngineError('invalid_option', `'${label}' is empty`, {
		remedy:
			name === 'backupSet'
				? 'Give the folder of a backup set, or connect a backup node, which hands it on.'
				: `Fill in '${label}'.`,
	});
}

/** Reads the source fields of the Restore node for one item. Throws `invalid_option`, path codes. */
export async function openSource(
	context: IExecuteFunctions,
	itemIndex: number,
	store: ItemBinaryStore,
): Promise<OpenSource> {
	switch (context.getNodeParameter('source', itemIndex)) {
		case 'set': {
			const path = pathParameter(context, itemIndex, 'backupSet', 'Backup Set');
			const {
				path: pinned,
				displayPath,
				close,
			} = await openFolder(context.helpers, path, { create: false });
			return { source: { kind: 'set', set: { path: pinned, displayPath } }, close };
		}
		case 'file': {
			const path = pathParameter(context, itemIndex, 'filePath', 'File Path');
			const { folder, fileName } = await openFolderOf(context.helpers, path, { create: false });
			const { path: pinned, displayPath } = folder;
			return {
				source: { kind: 'file', folder: { path: pinned, displayPath }, fileName },
				close: folder.close,
			};
		}
		default: {
			const field = pathParameter(context, itemIndex, 'inputField', 'Input Data Field Name');
			const binary = context.helpers.assertBinaryData(itemIndex, field);
			const fileName = binary.fileName ?? field;
			return {
				source: { kind: 'binary', id: store.offer(binary), fileName },
				close: async () => undefined,
			};
		}
	}
}
