import { rmdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Folder } from '../../lib/artifact/index.ts';
import {
	EngineError,
	type PathPolicyPort,
	fileError,
	makeFolder,
	systemErrorCode,
} from '../../lib/core/index.ts';

/** n8n's file policy. Asked on the main thread for every path that a user gives, and for what lies below. */
export type FileHelpers = IExecuteFunctions['helpers'];

type ResolvedPath = Awaited<ReturnType<FileHelpers['resolvePath']>>;

/** A folder that stays the one that was checked until it is closed, whatever happens to its path. */
export interface OpenFolder extends Folder {
	close(): Promise<void>;
	/** Removes the folders that were made for it, as far as they are empty: after a failure. */
	removeIfMade(): Promise<void>;
}

/** Checks of one slice block n8n's event loop for about 3 ms. */
const CHECKS_PER_SLICE = 200;

/** `~` as shells know it; a relative path would depend on where n8n was started. */
function absolutePath(path: string): string {
	const expanded = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
	if (isAbsolute(expanded)) return resolve(expanded);
	throw new EngineError('invalid_option', `'${path}' is not an absolute path`, {
		remedy: "Begin the path with '/' or '~/'.",
	});
}

/**
 * The real path of something that may not exist yet: links are resolved as far as it exists.
 * n8n's own resolvePath() knows paths of which at most the last part is missing.
 */
async function realPath(helpers: FileHelpers, path: string): Promise<ResolvedPath> {
	try {
		return await helpers.resolvePath(path);
	} catch (error) {
		const parent = dirname(path);
		if (systemErrorCode(error) !== 'ENOENT' || parent === path) throw fileError(error, path);
		return join(await realPath(helpers, parent), basename(path)) as ResolvedPath;
	}
}

function blockedError(path: string): EngineError {
	return new EngineError('path_blocked', `n8n may not access ${path}`, {
		remedy:
			'Add the folder to N8N_RESTRICT_FILE_ACCESS_TO (separate several by semicolons) and restart n8n. ' +
			'Name its real path: an entry that is itself a symbolic link never matches.',
		details: { path },
	});
}

async function pin(
	helpers: FileHelpers,
	path: ResolvedPath,
): Promise<Omit<OpenFolder, 'removeIfMade'>> {
	const pinned = await helpers.pinDirectory(path, { create: false });
	if (pinned !== null) {
		const close = async (): Promise<void> => await pinned.close();
		return { path: pinned.resolvePath('.'), displayPath: path, close };
	}
	// Not Linux, or no allow list is set: then n8n itself only refuses links in the path.
	await helpers.assertNoSymlinkInPath(path);
	return { path, displayPath: path, close: async () => undefined };
}

/** Removes `path` and its parents up to `first`; stops where one is not empty. */
async function removeEmpty(path: string, first: string | undefined): Promise<void> {
	if (first === undefined) return;
	try {
		for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
			await rmdir(folder);
		}
	} catch {
		// Somebody uses it by now: then it stays.
	}
}

async function openChecked(
	helpers: FileHelpers,
	path: ResolvedPath,
	create: boolean,
): Promise<OpenFolder> {
	if (helpers.isFilePathBlocked(path)) throw blockedError(path);
	const firstMade = create ? await makeFolder(path) : undefined;
	if (!(await stat(path)).isDirectory()) {
		throw new EngineError('path_not_a_folder', `${path} is not a folder`, {
			remedy: 'Choose a folder.',
			details: { path },
		});
	}
	const removeIfMade = async (): Promise<void> => await removeEmpty(path, firstMade);
	return { ...(await pin(helpers, path)), removeIfMade };
}

/**
 * Opens a folder that the user named, made first if `create`. Throws `path_blocked`, `path_missing`,
 * `path_not_a_folder`, `invalid_option` and the other path codes.
 */
export async function openFolder(
	helpers: FileHelpers,
	userPath: string,
	options: { readonly create: boolean },
): Promise<OpenFolder> {
	const path = await realPath(helpers, absolutePath(userPath));
	try {
		return await openChecked(helpers, path, options.create);
	} catch (error) {
		throw fileError(error, path);
	}
}

/** Opens the folder of a file that the user named; `fileName` is the file in it. */
export async function openFolderOf(
	helpers: FileHelpers,
	userPath: string,
	options: { readonly create: boolean },
): Promise<{ readonly folder: OpenFolder; readonly fileName: string }> {
	const path = absolutePath(userPath);
	const folder = await openFolder(helpers, dirname(path), options);
	try {
		const file = await realPath(helpers, join(folder.displayPath, basename(path)));
		if (helpers.isFilePathBlocked(file)) throw blockedError(file);
		return { folder, fileName: basename(path) };
	} catch (error) {
		await folder.close();
		throw fileError(error, path);
	}
}

/** The policy for what lies below an opened folder; the paths are real ones already. */
export function pathPolicy(helpers: FileHelpers): PathPolicyPort {
	return {
		blocked: async (paths) => {
			const answers: boolean[] = [];
			for (const [index, path] of paths.entries()) {
				if (index % CHECKS_PER_SLICE === CHECKS_PER_SLICE - 1) await immediate();
				answers.push(helpers.isFilePathBlocked(path as ResolvedPath));
			}
			return answers;
		},
	};
}
