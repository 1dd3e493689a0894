import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { EngineError } from '../core/index.ts';

/*
 * A file root is replaced in one of two ways. Beside: what is new is made beside it, and two renames in
 * its parent swap the two. Inside: a mount point cannot be renamed, and the parent may be forbidden;
 * then what is new is made in a folder inside the root, and its entries are swapped one by one.
 */

/** A folder that is to be replaced. */
export interface RootPlace {
	/** As it is opened. */
	readonly path: string;
	/** Its real path, as the person knows it. */
	readonly displayPath: string;
	/** The folder that it lies in, as it is opened; absent when it may not be used. */
	readonly parent?: string;
}

export interface SwapLayout {
	readonly way: 'beside' | 'inside';
	/** The folder that all names below are in. */
	readonly base: string;
	/** Name of the root in `base`; only beside. */
	readonly name: string;
	/** `base` as the person knows it. */
	readonly displayBase: string;
	/** What a run works in; it also holds the journal. */
	readonly staging: string;
	/** The journal of a swap that is over, while its run has not ended yet. */
	readonly done: string;
	/** The journal of the last swap. */
	readonly last: string;
	readonly lock: string;
	/** `<keptPrefix>before-<time>` is an older root. */
	readonly keptPrefix: string;
	/** `<displayPrefix>before-<time>` is what the person knows it by. */
	readonly displayPrefix: string;
}

/** Names inside a root that are this package's own, and never part of a tree. */
export const OWN_NAME =
	/^\.n8n-caosdb-(swap\.(partial|done|last|lock)|(before|undone)-\d{8}T\d{6}Z(-\d+)?)$/;

/** Those of them by which the next run goes, and what a run works in; also where case does not count. */
export const NOTES =
	/^\.n8n-caosdb-(swap\.(partial|done|lock)|restore-[0-9a-f]{8}\.partial)(\/|$)/i;

/** Mount points as the kernel lists them, with octal escapes. */
function isMountPoint(path: string): boolean {
	if (!existsSync('/proc/self/mountinfo')) return false;
	const lines = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
	const points = lines.map((line) =>
		(line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_all, octal: string) =>
			String.fromCharCode(parseInt(octal, 8)),
		),
	);
	return points.includes(Buffer.from(path, 'utf8').toString('latin1'));
}

function ownNames(
	stem: string,
	base: string,
): Pick<SwapLayout, 'staging' | 'done' | 'last' | 'lock'> {
	return {
		staging: `${stem}.partial`,
		done: `${stem}.done`,
		last: `${stem}.last`,
		lock: join(base, `${stem}.lock`),
	};
}

/** Throws `path_missing` when the parent does not hold the root any more. */
export function swapLayout({ path, displayPath, parent }: RootPlace): SwapLayout {
	const name = basename(displayPath);
	const root = lstatSync(path);
	if (parent === undefined || isMountPoint(displayPath) || lstatSync(parent).dev !== root.dev) {
		const keptPrefix = '.n8n-caosdb-';
		return {
			way: 'inside',
			base: path,
			name: '',
			displayBase: displayPath,
			...ownNames('.n8n-caosdb-swap', path),
			keptPrefix,
			displayPrefix: `${displayPath}/${keptPrefix}`,
		};
	}
	return {
		way: 'beside',
		base: parent,
		name,
		displayBase: dirname(displayPath),
		...ownNames(`.${name}.n8n-caosdb-swap`, parent),
		keptPrefix: `${name}.`,
		displayPrefix: `${displayPath}.`,
	};
}

/** The parent's entry must be the folder that was opened: somebody may have renamed it meanwhile. */
export function assertSameRoot({ path, displayPath }: RootPlace, layout: SwapLayout): void {
	if (layout.way === 'inside') return;
	const [opened, named] = [lstatSync(path), lstatSync(join(layout.base, layout.name))];
	if (opened.ino === named.ino && opened.dev === named.dev) return;
	throw new EngineError('path_missing', `${displayPath} was replaced meanwhile`, {
		remedy: 'Make sure that nothing else works on this folder, then run again.',
		details: { path: displayPath },
	});
}
