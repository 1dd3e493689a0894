import { EngineError } from '../../core/index.ts';

/** As the official client encodes: letters, digits and `_.-~` stay. */
export function encodeSegment(text: string): string {
	return encodeURIComponent(text).replace(
		/[!'()*]/g,
		(found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}

/** `name=value` pairs; a flag without a value is `name=`. */
export function queryString(flags: Readonly<Record<string, string>>): string {
	const pairs = Object.entries(flags).map(
		([name, value]) => `${encodeSegment(name)}=${encodeSegment(value)}`,
	);
	return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Ids or names as the one segment in which they are asked for. */
export function entityPath(
	keys: readonly string[],
	flags: Readonly<Record<string, string>> = {},
): string {
	return `Entity/${keys.map(encodeSegment).join('%26')}${queryString(flags)}`;
}

/** The parts of a File's path; throws `tree_entry_unsafe` for one that leaves the file root. */
export function filePathParts(path: string): string[] {
	const parts = path.split('/').filter((part) => part !== '');
	const isUnsafe = parts.some((part) => part === '.' || part === '..' || /[\0\\]/.test(part));
	if (parts.length > 0 && !isUnsafe) return parts;
	throw new EngineError('tree_entry_unsafe', `The server names a file by the path ${path}`, {
		remedy: 'No file of a file root is called like this. Do not trust that server.',
		details: { path },
	});
}

/** Where a file's content is fetched. Throws `tree_entry_unsafe`. */
export function fileSystemPath(path: string): string {
	return `FileSystem/${filePathParts(path).map(encodeSegment).join('/')}`;
}

/** Text inside single quotes of a query. */
export function quoted(text: string): string {
	return `'${text.replace(/[\\'*]/g, (found) => `\\${found}`)}'`;
}
