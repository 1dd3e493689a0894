import { dirname } from 'node:path';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { FileRootTarget, JobReport, Source } from '../../lib/job/index.ts';
import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { type OpenFolder, openFolder } from '../shared/file-access.ts';
import { runEngine } from '../shared/run-engine.ts';
import { openSource } from '../shared/source.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { demandServerStopped } from './demand-server-stopped.ts';
import { folderNameOf, keptPathOf, restoreChoices } from './file-root-parameters.ts';

interface OpenTarget extends FileRootTarget {
	readonly folder: OpenFolder;
	close(): Promise<void>;
}

/** The target and, where n8n may use it, the folder that it lies in. */
async function openTarget(
	context: IExecuteFunctions,
	itemIndex: number,
	options: { readonly create: boolean },
): Promise<OpenTarget> {
	const path = String(context.getNodeParameter('targetFolder', itemIndex)).trim();
	const folder = await openFolder(context.helpers, path, options);
	const above = dirname(folder.displayPath);
	const parent =
		above === folder.displayPath
			? undefined
			: await openFolder(context.helpers, above, { create: false }).catch(() => undefined);
	const plain = (opened: OpenFolder): FileRootTarget['target'] => ({
		path: opened.path,
		displayPath: opened.displayPath,
	});
	return {
		folder,
		target: plain(folder),
		...(parent === undefined ? {} : { parent: plain(parent) }),
		close: async () => {
			await parent?.close();
			await folder.close();
		},
	};
}

function inputOf({ target, parent }: OpenTarget): FileRootTarget {
	return { target, ...(parent === undefined ? {} : { parent }) };
}

/** Runs something with the source and the target of one item; a target made for it goes if it fails. */
async function withBoth(
	context: IExecuteFunctions,
	itemIndex: number,
	run: (source: Source, target: FileRootTarget, store: ItemBinaryStore) => Promise<JobReport>,
): Promise<{ report: JobReport; target: OpenTarget }> {
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const target = await openTarget(context, itemIndex, { create: true });
		let ended = false;
		try {
			const report = await run(source, inputOf(target), store);
			ended = true;
			return { report, target };
		} finally {
			if (!ended) await target.folder.removeIfMade();
			await target.close();
		}
	} finally {
		await close();
	}
}

async function restore(context: IExecuteFunctions, itemIndex: number): Promise<JobReport> {
	await demandServerStopped(context, itemIndex, 'fileRootOptions');
	const choices = restoreChoices(context, itemIndex);
	const { report } = await withBoth(context, itemIndex, async (source, target, store) => {
		const folderName = folderNameOf(context, itemIndex);
		const input = { ...target, ...choices, source, folderName };
		return await runEngine(context, 'fileRootRestore', input, store);
	});
	return report;
}

async function rehearse(context: IExecuteFunctions, itemIndex: number): Promise<JobReport> {
	const { changes = {}, limits = {} } = restoreChoices(context, itemIndex);
	const { report, target } = await withBoth(context, itemIndex, async (source, place, store) => {
		const folderName = folderNameOf(context, itemIndex);
		const input = { source, folderName, scratch: place.target, changes, limits };
		return await runEngine(context, 'fileRootRehearsal', input, store);
	});
	await target.folder.removeIfMade();
	return report;
}

async function rollBack(context: IExecuteFunctions, itemIndex: number): Promise<JobReport> {
	await demandServerStopped(context, itemIndex);
	const keptPath = keptPathOf(context, itemIndex);
	// A root that is missing can be rolled back, too: somebody removed it, or a swap was cut in its middle.
	const opened = await openTarget(context, itemIndex, { create: true });
	let ended = false;
	try {
		const store = new ItemBinaryStore(context);
		const input = { ...inputOf(opened), ...(keptPath === '' ? {} : { keptPath }) };
		const report = await runEngine(context, 'fileRootRollBack', input, store);
		ended = true;
		return report;
	} finally {
		if (!ended) await opened.folder.removeIfMade();
		await opened.close();
	}
}

async function verify(context: IExecuteFunctions, itemIndex: number): Promise<JobReport> {
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const folderName = folderNameOf(context, itemIndex);
		return await runEngine(context, 'fileRootVerify', { source, folderName }, store);
	} finally {
		await close();
	}
}

type Operation = (context: IExecuteFunctions, itemIndex: number) => Promise<ItemOutput>;

function reporting(run: typeof restore): Operation {
	return async (context, itemIndex) => ({
		json: reportJson(context, await run(context, itemIndex)),
	});
}

/** Extracts an archive into the target folder of one item, or in its place. */
export const restoreFileRoot = reporting(restore);
/** Extracts an archive into a scratch folder, compares and removes it. */
export const rehearseFileRoot = reporting(rehearse);
/** Puts back a file root that a restore replaced. */
export const rollBackFileRoot = reporting(rollBack);
/** Reads an archive to its end. */
export const verifyFileRoot = reporting(verify);
