import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { FileRootRestoreInput, MemberChanges, MemberLimits } from '../../lib/job/index.ts';

const MB = 1_000_000;
/** As LinkAhead's own restore script leaves a file root. */
const SHARED_MODES = { folders: 0o775, files: 0o664 };

/** What the fields of a restore say beside source and target. */
export type RestoreChoices = Pick<
	FileRootRestoreInput,
	'changes' | 'choose' | 'durable' | 'ifNotEmpty' | 'limits'
>;

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

function changesOf(options: IDataObject): MemberChanges {
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

function limitOf(value: unknown, label: string): number | undefined {
	if (value === undefined || value === 0 || value === '') return undefined;
	const number = Number(value);
	if (number > 0) return number;
	throw new EngineError('invalid_option', `'${label}' is not a number above 0`, {
		remedy: 'Leave it at 0 for no limit.',
	});
}

function limitsOf(options: IDataObject): MemberLimits {
	const entries = limitOf(options.entryLimit, 'Entry Limit');
	const megabytes = limitOf(options.sizeLimit, 'Size Limit (MB)');
	return {
		...(entries === undefined ? {} : { entries }),
		...(megabytes === undefined ? {} : { bytes: megabytes * MB }),
	};
}

/** Paths and patterns, one on a line. */
function chosenPaths(options: IDataObject): string[] | undefined {
	const lines = text(options.choose)
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '');
	return lines.length === 0 ? undefined : lines;
}

/** The extra folder of a set that is meant; empty for the file root. */
export function folderNameOf(context: IExecuteFunctions, itemIndex: number): string {
	return text(context.getNodeParameter('folderName', itemIndex, ''));
}

/** The kept root that is meant; empty for the newest. */
export function keptPathOf(context: IExecuteFunctions, itemIndex: number): string {
	return text(context.getNodeParameter('keptPath', itemIndex, ''));
}

/** Reads the options of a restore or a rehearsal. Throws `invalid_option`. */
export function restoreChoices(context: IExecuteFunctions, itemIndex: number): RestoreChoices {
	const options = context.getNodeParameter('fileRootOptions', itemIndex, {}) as IDataObject;
	const existing = context.getNodeParameter('ifNotEmpty', itemIndex, 'fail');
	const choose = chosenPaths(options);
	if (choose !== undefined && existing === 'replace') {
		throw new EngineError('invalid_option', 'A part of an archive cannot replace a whole folder', {
			remedy:
				"Restore the paths in 'Restore Only' to an empty folder, or choose 'Overwrite in Place' to put them among what is there.",
		});
	}
	return {
		ifNotEmpty: existing === 'replace' || existing === 'overwrite' ? existing : 'fail',
		changes: changesOf(options),
		limits: limitsOf(options),
		durable: options.flush !== false,
		...(choose === undefined ? {} : { choose }),
	};
}
