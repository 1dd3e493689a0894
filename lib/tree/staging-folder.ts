import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { EngineError, systemErrorCode } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';
import { namesIn } from './folder-names.ts';
import { removeTree } from './remove-tree.ts';
import { syncFolder } from './sync-folder.ts';

/*
 * A restore works in a folder inside its target, on the same file system, and moves what it made up at
 * the end. While it moves, the list of names lies in the staging folder, so that the next run can undo
 * what a killed one has moved: at any moment the target is empty, whole, or recognisably unfinished.
 */

/** The folder of a restore under way, at the top of its target. */
export const STAGING = /^\.n8n-caosdb-restore-[0-9a-f]{8}\.partial$/;
const CONTENT = 'content';
const MOVING = 'moving';

export interface Target {
	/** As it is opened. */
	readonly path: string;
	readonly displayPath: string;
}

function inside(folder: string, name: BytePath): Buffer {
	return toBuffer(`${fromText(folder)}/${name}`);
}

function notEmpty({ displayPath }: Target, names: readonly BytePath[]): EngineError {
	const examples = names.slice(0, 3).map((name) => `'${toText(name)}'`);
	return new EngineError(
		'path_not_empty',
		`${displayPath} is not empty: it has ${examples.join(', ')}`,
		{
			remedy: 'Choose an empty folder, or move away what is there.',
			details: { path: displayPath, entries: names.length },
		},
	);
}

/** What the dead run that owned this staging folder had moved up, or was about to. */
function movedNames(staging: string): BytePath[] {
	try {
		return readFileSync(join(staging, MOVING), 'latin1')
			.split('\0')
			.filter((name) => name !== '');
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return [];
		throw error;
	}
}

/**
 * Makes sure that the target is empty; what a killed restore left there is removed first. Returns
 * whether there was any. Throws `path_not_empty`.
 */
export function clearUnfinished(target: Target): boolean {
	const names = namesIn(target.path);
	const stagings = names.filter((name) => STAGING.test(name));
	const moved = new Set(stagings.flatMap((name) => movedNames(join(target.path, name))));
	const foreign = names.filter((name) => !stagings.includes(name) && !moved.has(name));
	if (foreign.length > 0) throw notEmpty(target, foreign);
	// The staging folders go last: they say what else is unfinished.
	for (const name of [...moved, ...stagings]) {
		removeTree(inside(target.path, name));
	}
	return stagings.length > 0;
}

/** Removes what killed restores in place have left; the rest of the folder is somebody's. */
export function clearStagings({ path }: Target): boolean {
	const stagings = namesIn(path).filter((name) => STAGING.test(name));
	for (const name of stagings) removeTree(join(path, name));
	return stagings.length > 0;
}

export class StagingFolder {
	readonly #target: Target;
	readonly #path: string;
	readonly #moved: BytePath[] = [];

	/** Made inside the target, so that it lies on the same file system. */
	constructor(target: Target) {
		this.#target = target;
		this.#path = join(target.path, `.n8n-caosdb-restore-${randomBytes(4).toString('hex')}.partial`);
		mkdirSync(this.#path, { mode: 0o700 });
		mkdirSync(this.content, { mode: 0o700 });
	}

	/** A folder for the restore's own files. */
	get path(): string {
		return this.#path;
	}

	/** Where the tree is built. */
	get content(): string {
		return join(this.#path, CONTENT);
	}

	/** A file of the restore's own beside the tree. */
	file(name: string): string {
		return join(this.#path, name);
	}

	/** Moves everything into the target. */
	moveUp(): void {
		const names = namesIn(this.content);
		const clash = names.find((name) => STAGING.test(name));
		if (clash !== undefined) {
			throw new EngineError('tree_entry_unsafe', `The archive has the name '${toText(clash)}'`, {
				remedy: 'It was made while an unfinished restore lay in the file root. Remove that there.',
			});
		}
		writeFileSync(join(this.#path, MOVING), Buffer.from(names.join('\0'), 'latin1'), {
			flush: true,
		});
		syncFolder(this.#path);
		for (const name of names) {
			const to = inside(this.#target.path, name);
			assertMissing(to, this.#target, name);
			renameSync(inside(this.content, name), to);
			this.#moved.push(name);
		}
	}

	/** After success: the target holds only what the archive holds. */
	remove(): void {
		removeTree(this.#path);
		syncFolder(this.#target.path);
	}

	/** After a failure: the target is empty again. */
	undo(): void {
		for (const name of this.#moved) {
			removeTree(inside(this.#target.path, name));
		}
		removeTree(this.#path);
	}
}

/** Somebody else may have put something there meanwhile; a rename would replace it without a word. */
function assertMissing(path: Buffer, target: Target, name: BytePath): void {
	try {
		lstatSync(path);
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return;
		throw error;
	}
	throw notEmpty(target, [name]);
}
