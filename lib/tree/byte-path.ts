import { EngineError } from '../core/index.ts';

/*
 * File names are bytes, not text: on Linux they may be anything but NUL and '/'. Inside this engine a
 * path is a string with one character per byte (latin1), so that no name is ever re-encoded; order and
 * length are those of the bytes.
 */
export type BytePath = string;

/** As the file system wants it. */
export function toBuffer(path: BytePath): Buffer {
	return Buffer.from(path, 'latin1');
}

const ASCII = /^[\0-\x7f]*$/;

/** As people read it; bytes that are not UTF-8 are shown as such. */
export function toText(path: BytePath): string {
	if (ASCII.test(path)) return path;
	return toBuffer(path).toString('utf8');
}

/** From text that a person or another program gave, in UTF-8. */
export function fromText(text: string): BytePath {
	return Buffer.from(text, 'utf8').toString('latin1');
}

export const NAME_MAX_BYTES = 255;
export const PATH_MAX_BYTES = 4096;

/** The older releases of LinkAhead's control program archived the file root from `/`. */
export const OLD_PREFIX = 'opt/caosdb/mnt/caosroot';

function unsafe(name: BytePath, why: string): EngineError {
	return new EngineError(
		'tree_entry_unsafe',
		`The archive has the name '${toText(name)}', which ${why}`,
		{
			remedy: 'No backup of a file root contains such a name. Do not trust this archive.',
			details: { name: toText(name) },
		},
	);
}

/**
 * A member's name as a path below the target: `''` for the root itself, never absolute, without `.`,
 * `..` and doubled slashes. Throws `tree_entry_unsafe`.
 */
export function memberPath(name: BytePath): BytePath {
	if (name.startsWith('/')) throw unsafe(name, 'leads out of the target folder');
	if (name.length > PATH_MAX_BYTES) throw unsafe(name.slice(0, 100), 'is longer than any path');
	const parts = name.split('/').filter((part) => part !== '' && part !== '.');
	for (const part of parts) {
		if (part === '..') throw unsafe(name, 'leads out of the target folder');
		if (part.includes('\0')) throw unsafe(name, 'contains a zero byte');
		if (part.length > NAME_MAX_BYTES) throw unsafe(part.slice(0, 100), 'is longer than any name');
	}
	return parts.join('/');
}

/** The path without the old prefix; `undefined` when it does not lie below it. */
export function withoutOldPrefix(path: BytePath): BytePath | undefined {
	if (path === OLD_PREFIX) return '';
	return path.startsWith(`${OLD_PREFIX}/`) ? path.slice(OLD_PREFIX.length + 1) : undefined;
}

export function parentOf(path: BytePath): BytePath {
	const slash = path.lastIndexOf('/');
	return slash < 0 ? '' : path.slice(0, slash);
}
