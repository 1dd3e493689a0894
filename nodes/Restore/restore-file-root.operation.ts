import { dirname } from 'node:path';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { FileRootTarget, JobReport, MemberChanges } from '../../lib/job/index.ts';
import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { type OpenFolder, openFolder } from '../shared/file-access.ts';
import { runEngine } from '../shared/run-engine.ts';
import { openSource } from '../shared/source.ts';
import type { ItemOutput } from '../shared/run-items.ts';

/** As LinkAhead's own restore script leaves a file root. */
const SHARED_MODES = { folders: 0o775, files: 0o664 };

function text(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

function ownerOf(given: string): NonNullable<MemberChanges['owner']> {
	const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(given) ?? [];
	if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
	throw new EngineError('invalid_option', `'${given}' is not an owner`, {
		remedy: "Give the numbers of a user and a group as in '999:999'.",
	});
}

/** Reads the options of a restore. Throws `invalid_option`. */
function changesOf(context: IExecuteFunctions, itemIndex: number): MemberChanges {
	const options = context.getNodeParameter('fileRootOptions', itemIndex, {}) as IDataObject;
	const [owner, from, to] = [options.owner, options.linksFrom, options.linksTo].map(text);
	if ((from === '') !== (to === '')) {
		throw new EngineError('invalid_option', 'Only one end of the links to rewrite is given', {
			remedy: "Fill in both 'Rewrite Links From' and 'Rewrite Links To', or neither.",
		});
	}
	return {
		...(owner === undefined || owner === '' ? {} : { owner: ownerOf(owner) }),
		...(options.modes === 'shared' ? { modes: SHARED_MODES } : {}),
		...(from === undefined || to === undefined || from === '' ? {} : { links: { from, to } }),
	};
}

/** The extra folder that is meant; empty for the file root. */
function folderNameOf(context: IExecuteFunctions, itemIndex: number): string {
	return text(context.getNodeParameter('folderName', itemIndex, ''));
}

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
	const path = text(context.getNodeParameter('targetFolder', itemIndex));
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

async function restore(context: IExecuteFunctions, itemIndex: number): Promise<JobReport> {
	const changes = changesOf(context, itemIndex);
	const replaces = context.getNodeParameter('ifNotEmpty', itemIndex, 'fail') === 'replace';
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const opened = await openTarget(context, itemIndex, { create: true });
		let restored = false;
		try {
			const ifNotEmpty = replaces ? ('replace' as const) : ('fail' as const);
			const folderName = folderNameOf(context, itemIndex);
			const input = { ...inputOf(opened), source, folderName, changes, ifNotEmpty };
			const report = await runEngine(context, 'fileRootRestore', input, store);
			restored = true;
			return report;
		} finally {
			if (!restored) await opened.folder.removeIfMade();
			await opened.close();
		}
	} finally {
		await close();
	}
}

async function rollBack(context: IExecuteFunctions, itemIndex: number): Promise<JobReport> {
	const opened = await openTarget(context, itemIndex, { create: false });
	try {
		const store = new ItemBinaryStore(context);
		return await runEngine(context, 'fileRootRollBack', inputOf(opened), store);
	} finally {
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
/** Puts back the file root that the last restore replaced. */
export const rollBackFileRoot = reporting(rollBack);
/** Reads an archive to its end. */
export const verifyFileRoot = reporting(verify);
