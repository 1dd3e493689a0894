import type { BigIntStats } from 'node:fs';
import { userInfo } from 'node:os';

import { EngineError, fileError, systemErrorCode } from '../core/index.ts';

/*
 * What can be wrong with an entry of a tree. `path` is always what the person knows it by.
 */

const EXAMPLES = 5;

export function changedEntry(path: string, how = 'changed while it was read'): EngineError {
	return new EngineError('tree_entry_changed', `${path} ${how}`, {
		remedy:
			'Stop the CaosDB server, or whatever writes there, during the archive, or let such entries be skipped and reported.',
		details: { path },
	});
}

/** For an entry that is neither file, folder nor link. */
export function entryKind(stats: BigIntStats): string {
	return stats.isSocket() ? 'a socket' : stats.isFIFO() ? 'a named pipe' : 'a device';
}

export function unsupportedEntry(path: string, kind: string): EngineError {
	return new EngineError('tree_entry_unsupported', `${path} is ${kind}`, {
		remedy:
			'A file root holds folders, files and links. Remove it, exclude it, or let such entries be skipped and reported.',
		details: { path },
	});
}

/** For as many paths as there are; a few are named. */
export function blockedEntries(paths: readonly string[], count: number): EngineError {
	const [first = ''] = paths;
	const examples = paths.slice(0, EXAMPLES).join(', ');
	const message =
		count === 1
			? `n8n may not access ${first}`
			: `n8n may not access ${count} entries: ${examples}`;
	return new EngineError('path_blocked', message, {
		remedy:
			'They match N8N_BLOCK_FILE_PATTERNS or lie in a folder that n8n protects. Change that setting, ' +
			'exclude them, or let blocked entries be skipped and reported: a backup without them would not be whole.',
		details: { path: first, entries: count },
	});
}

function quoted(path: string): string {
	return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** The account of this process by its number, and its name here, if it has one. */
function account(): { readonly id: string; readonly name: string | undefined } {
	const id = process.getuid?.();
	try {
		const { username } = userInfo();
		return { id: id === undefined ? username : String(id), name: username };
	} catch {
		// A container may run under a number that no account has.
		return { id: String(id), name: undefined };
	}
}

/**
 * Commands that let the account of this process read everything below a folder. By its number, because
 * they are run on the machine that has the files, where the names of a container mean nothing.
 */
export function readRemedy(root: string): string {
	const { id, name } = account();
	const who = name === undefined || name === id ? id : `${id} (${name})`;
	return (
		`sudo setfacl -R -m u:${id}:rX -m d:u:${id}:rX ${quoted(root)} ` +
		`(or, without access lists: sudo chmod -R g+rX ${quoted(root)}, and run n8n's account ${who} in the group of the files)`
	);
}

/** The error for a failed operation on an entry below `root`. An EngineError stays itself. */
export function entryError(error: unknown, path: string, root: string): EngineError {
	if (error instanceof EngineError) return error;
	const code = systemErrorCode(error);
	if (code === 'ENOENT') return changedEntry(path, 'vanished while the tree was read');
	if (code === 'ELOOP') return changedEntry(path, 'was replaced while the tree was read');
	const cause = fileError(error, path);
	const isForbidden = cause.code === 'path_not_permitted';
	return new EngineError('tree_entry_unreadable', `${path} cannot be read: ${cause.message}`, {
		remedy: isForbidden
			? `Let the account that runs n8n read it: ${readRemedy(root)}`
			: 'Look at the health of that file system; the cause is in the log.',
		details: { path },
		cause: error,
	});
}
