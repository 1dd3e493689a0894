import type { IExecuteFunctions } from 'n8n-workflow';

import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { runEngine } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { openSource } from '../shared/source.ts';
import {
	databasePlace,
	existingContent,
	loadConnections,
	restoreOptions,
} from './database-parameters.ts';

/** Restores into a scratch database and drops it. */
export async function rehearseDatabase(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ItemOutput> {
	const place = await databasePlace(context, itemIndex);
	const { definer, requireEnd } = restoreOptions(context, itemIndex);
	const connections = loadConnections(context, itemIndex);
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const input = { ...place, ...connections, definer, requireEnd, source } as const;
		const report = await runEngine(context, 'sqlRehearsal', input, store);
		return { json: reportJson(context, report) };
	} finally {
		await close();
	}
}

/** Reads a backup and looks at the server; changes nothing. */
export async function verifyDatabase(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ItemOutput> {
	const place = await databasePlace(context, itemIndex);
	const { replace } = existingContent(context, itemIndex);
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const input = { ...place, ...restoreOptions(context, itemIndex), replace, source };
		const report = await runEngine(context, 'sqlVerify', input, store);
		return { json: reportJson(context, report) };
	} finally {
		await close();
	}
}
