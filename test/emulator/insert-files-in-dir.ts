import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';

import type { Actor } from './acl.ts';
import { entityElement } from './entity-answer.ts';
import { fileSha512, normalPath } from './file-store.ts';
import { type Message, unspecific, warning } from './messages.ts';
import type { Entity } from './model.ts';
import type { ServerState } from './server-state.ts';
import { newVersion } from './versions.ts';
import { type XmlElement, element } from './xml-node.ts';

export interface DirectoryEntities {
	readonly entities: readonly XmlElement[];
	readonly errors: readonly Message[];
}

interface Options {
	readonly prefix: string;
	readonly include: RegExp | null;
	readonly exclude: RegExp | null;
	readonly allowsLinks: boolean;
	readonly folder: string;
}

/** A word may have blanks behind backslashes, as Python's `re.escape` writes them. */
const WORD = String.raw`((?:\\.|\S)+)`;

function parseOptions(text: string): Options {
	let rest = text.trimStart();
	const option = (pattern: string): string | null => {
		const found = new RegExp(`^${pattern}\\s+`).exec(rest);
		if (found === null) return null;
		rest = rest.slice(found[0].length);
		return found[1] ?? '';
	};
	const given = { prefix: '', include: null as RegExp | null, exclude: null as RegExp | null };
	let allowsLinks = false;
	for (;;) {
		const before = rest;
		given.prefix = option(`-p\\s+${WORD}`) ?? given.prefix;
		const exclude = option(`-e\\s+${WORD}`);
		if (exclude !== null) given.exclude = new RegExp(`^(?:${exclude})$`);
		const include = option(`-i\\s+${WORD}`);
		if (include !== null) given.include = new RegExp(`^(?:${include})$`);
		if (option('--force-allow-symlinks') !== null) allowsLinks = true;
		if (rest === before) return { ...given, allowsLinks, folder: rest.trimEnd() };
	}
}

/** Regular files below the folder, in the order of their names; links only when they are allowed. */
async function* filesBelow(folder: string, allowsLinks: boolean): AsyncGenerator<string> {
	for (const name of (await readdir(folder)).sort()) {
		const path = join(folder, name);
		const status = await lstat(path);
		if (status.isSymbolicLink() && !allowsLinks) continue;
		const target = status.isSymbolicLink() ? await stat(path).catch(() => status) : status;
		if (target.isDirectory()) yield* filesBelow(path, allowsLinks);
		else if (target.isFile()) yield path;
	}
}

function isInside(folder: string, allowed: readonly string[]): boolean {
	return allowed.some((one) => folder === resolve(one) || folder.startsWith(resolve(one) + sep));
}

async function fileEntity(original: string, path: string, actor: Actor): Promise<Entity> {
	const [checksum, { size }] = [await fileSha512(original), await stat(original)];
	return {
		...{ id: '', role: 'File', name: basename(original), description: null, datatype: null },
		...{ unit: null, value: null, parents: [], properties: [], query: null, acl: [] },
		file: {
			...{ path, size, checksum },
			...{ isFolder: false, thumbnail: null },
		},
		version: newVersion(actor),
	};
}

/** The answer of a dry run: what would be made has no id yet. */
function preview({ name, file }: Entity): XmlElement {
	return element('File', { name, path: file?.path, checksum: file?.checksum, size: file?.size });
}

/**
 * Makes a File entity and a symbolic link for every file below a folder of the server's own machine;
 * options as the official loader sends them.
 */
export async function insertFilesInDirectory(
	text: string,
	state: ServerState,
	{ actor, isDryRun }: { readonly actor: Actor; readonly isDryRun: boolean },
): Promise<DirectoryEntities> {
	const { prefix, include, exclude, allowsLinks, folder } = parseOptions(text);
	const { store, files, ids, settings } = state;
	const root = resolve(folder);
	const isFolder = await stat(root).then(
		(status) => status.isDirectory(),
		() => false,
	);
	if (!isFolder || !isInside(root, settings.insertFilesFrom)) {
		return { entities: [], errors: [unspecific('The folder cannot be inserted.')] };
	}
	const made: Entity[] = [];
	const errors: Message[] = [];
	for await (const original of filesBelow(root, allowsLinks)) {
		if (include?.test(original) === false || exclude?.test(original) === true) continue;
		const below = relative(root, original).split(sep).join('/');
		const path = normalPath(`${prefix}/${basename(root)}/${below}`);
		if (path === null) continue;
		if (store.atPath(path) !== undefined) {
			errors.push(warning(`The path ${path} is in use and was left out.`));
			continue;
		}
		const entity = await fileEntity(original, path, actor);
		if (!isDryRun) await files.link(path, original);
		made.push(isDryRun ? entity : { ...entity, id: ids.take() });
	}
	if (isDryRun) return { entities: made.map(preview), errors };
	store.putAll(made);
	const options = { actor, withAcl: false, withHistory: false };
	return { entities: made.map((entity) => entityElement(entity, state, options)), errors };
}
