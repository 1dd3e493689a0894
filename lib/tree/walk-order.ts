import type { BytePath } from './byte-path.ts';

const SLASH = '/'.charCodeAt(0);

/**
 * Compares two paths as a walk meets them: parents before what they contain, names in the order of their
 * bytes. So `a` comes before `a/b`, and that before `a-b`.
 */
export function compareInWalkOrder(a: BytePath, b: BytePath): number {
	const length = Math.min(a.length, b.length);
	for (let at = 0; at < length; at++) {
		const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
		if (x === y) continue;
		if (x === SLASH) return -1;
		return y === SLASH || x > y ? 1 : -1;
	}
	return a.length - b.length;
}

/** Whether a path lies below a folder; everything lies below the root. */
export function liesBelow(path: BytePath, folder: BytePath): boolean {
	return folder === '' ? path !== '' : path.startsWith(folder) && path[folder.length] === '/';
}
