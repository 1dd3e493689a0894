import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { Part } from './multipart.ts';

/** Files by path relative to the folder; null is an empty folder. */
type FolderContent = ReadonlyMap<string, Buffer | null>;

/** What a client sent for one File entity. */
export interface Upload {
	readonly content: Buffer | FolderContent;
	readonly size: number;
	/** SHA-512 in lower-case hex; of a folder as the official client computes it. */
	readonly checksum: string;
	readonly isFolder: boolean;
	/** Base64. */
	readonly thumbnail: string | null;
}

export function sha512(content: Buffer | string): string {
	return createHash('sha512').update(content).digest('hex');
}

/** SHA-512 of a file, read as a stream. */
export async function fileSha512(path: string): Promise<string> {
	const hash = createHash('sha512');
	await pipeline(createReadStream(path), hash);
	return hash.digest('hex');
}

/**
 * The path with one leading slash and no doubled ones, or null when it leads outside the file root or to
 * no file.
 */
export function normalPath(path: string): string | null {
	const segments = path.split('/').filter((segment) => segment !== '');
	const isHarmless = segments.every(
		(segment) => segment !== '.' && segment !== '..' && !segment.includes('\0'),
	);
	return segments.length > 0 && isHarmless ? `/${segments.join('/')}` : null;
}

/** For each child in the order of code points: its name if it is a folder, then its checksum. */
function folderChecksum(content: FolderContent, prefix = ''): string {
	const children = new Set<string>();
	const folders = new Set<string>();
	for (const [path, bytes] of content) {
		if (!path.startsWith(prefix)) continue;
		const [child = '', ...rest] = path.slice(prefix.length).split('/');
		if (child === '') continue;
		children.add(child);
		if (rest.length > 0 || bytes === null) folders.add(child);
	}
	const text = [...children].sort().map((child) => {
		if (folders.has(child)) return child + folderChecksum(content, `${prefix}${child}/`);
		return sha512(content.get(prefix + child) ?? Buffer.alloc(0));
	});
	return sha512(text.join(''));
}

function readFolder(parts: readonly Part[], token: string): FolderContent {
	const content = new Map<string, Buffer | null>();
	for (const { fileName, content: bytes } of parts) {
		if (fileName === null || !fileName.startsWith(`${token}/`)) continue;
		const path = fileName.slice(token.length + 1);
		if (path.endsWith('/')) content.set(path.slice(0, -1), null);
		else if (path !== '') content.set(path, bytes);
	}
	return content;
}

/** The parts of a request that belong to the token, or null when there are none. */
export function uploadOf(parts: readonly Part[], token: string): Upload | null {
	const named = (name: string): Part | undefined => parts.find(({ fileName }) => fileName === name);
	const thumbnail = named(`${token}.thumbnail`)?.content.toString('base64') ?? null;
	const single = named(token);
	if (single !== undefined) {
		const { content } = single;
		return {
			...{ content, size: content.length, checksum: sha512(content) },
			...{ isFolder: false, thumbnail },
		};
	}
	if (!parts.some(({ fileName }) => fileName?.startsWith(`${token}/`))) return null;
	const content = readFolder(parts, token);
	const size = [...content.values()].reduce((total, bytes) => total + (bytes?.length ?? 0), 0);
	return { content, size, checksum: folderChecksum(content), isFolder: true, thumbnail };
}

/** Contents of File entities in a folder that is laid out as the server's file root. */
export class FileStore {
	readonly root: string;

	constructor(root: string) {
		this.root = root;
	}

	/** Where the content of an entity path lies. */
	diskPath(path: string): string {
		return join(this.root, path);
	}

	/** Puts the content in place, over an older one. */
	async write(path: string, { content }: Upload): Promise<void> {
		const target = this.diskPath(path);
		await mkdir(dirname(target), { recursive: true });
		if (Buffer.isBuffer(content)) {
			await writeFile(`${target}.partial`, content);
			await rename(`${target}.partial`, target);
			return;
		}
		await rm(target, { recursive: true, force: true });
		await mkdir(target);
		for (const [name, bytes] of content) {
			const child = join(target, name);
			if (bytes === null) await mkdir(child, { recursive: true });
			else {
				await mkdir(dirname(child), { recursive: true });
				await writeFile(child, bytes);
			}
		}
	}

	/** Makes `path` a symbolic link to a file outside, as InsertFilesInDir does. */
	async link(path: string, original: string): Promise<void> {
		const target = this.diskPath(path);
		await mkdir(dirname(target), { recursive: true });
		await symlink(original, target);
	}

	async move(from: string, to: string): Promise<void> {
		await mkdir(dirname(this.diskPath(to)), { recursive: true });
		await rename(this.diskPath(from), this.diskPath(to));
		await this.#removeEmptyFolders(dirname(from));
	}

	async remove(path: string): Promise<void> {
		await rm(this.diskPath(path), { recursive: true, force: true });
		await this.#removeEmptyFolders(dirname(path));
	}

	async #removeEmptyFolders(folder: string): Promise<void> {
		for (let path = folder; path !== '/'; path = dirname(path)) {
			const isGone = await rmdir(this.diskPath(path)).then(
				() => true,
				() => false,
			);
			if (!isGone) return;
		}
	}
}
