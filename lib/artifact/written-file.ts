import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import {
	type ByteChunk,
	CHUNK_BYTES,
	EngineError,
	cancelledError,
	fileError,
	systemErrorCode,
	throwIfAborted,
} from '../core/index.ts';
import type { Compression } from './compression.ts';
import { decompress } from './decompress.ts';
import type { Frame } from './frames.ts';
import { type ByteDigest, HashTap, digestOf } from './hash-tap.ts';
import { interruptible, packContent } from './pack-content.ts';

/** A folder as the engines use it and as the person knows it (they differ when it is held open). */
export interface Folder {
	readonly path: string;
	readonly displayPath: string;
}

export interface WriteFileOptions {
	readonly folder: Folder;
	readonly fileName: string;
	readonly compression: Compression;
	/** Whether the source marks frames, each to be compressed by itself. */
	readonly framed?: boolean;
	/** Read the file back before it gets its name, and compare what is read with what was written. */
	readonly verify: boolean;
	/** Whether a file of that name may be replaced. */
	readonly overwrite: boolean;
	/** Whether a partial file may be cleared away: only for the holder of a lock on this name. */
	readonly replacePartial?: boolean;
	readonly signal: AbortSignal;
}

/** What was stored: of the file as it lies there, and of its content before compression. */
export interface WrittenFile extends ByteDigest {
	readonly fileName: string;
	readonly path: string;
	readonly content: ByteDigest;
	readonly frames?: readonly Frame[];
}

export const PARTIAL_SUFFIX = '.partial';

const NEW_FILE =
	constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

async function* readAll(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	for (let position = 0; ;) {
		throwIfAborted(signal);
		const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
		const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
		if (bytesRead === 0) return;
		position += bytesRead;
		yield buffer.subarray(0, bytesRead);
	}
}

async function writeTo(
	file: FileHandle,
	chunks: AsyncIterable<ByteChunk>,
	signal: AbortSignal,
): Promise<void> {
	let position = 0;
	for await (const chunk of chunks) {
		throwIfAborted(signal);
		for (let at = 0; at < chunk.length;) {
			const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position);
			at += bytesWritten;
			position += bytesWritten;
		}
		chunk.recycle?.();
	}
}

/** Runs content → compressor → file. Rejects with the first error of any of them. */
async function writeContent(
	file: FileHandle,
	chunks: AsyncIterable<ByteChunk>,
	options: WriteFileOptions,
): Promise<{ stored: ByteDigest; content: ByteDigest; frames?: readonly Frame[] }> {
	const { compression, framed = false, signal } = options;
	const content = new HashTap();
	const packed = packContent(content.tap(interruptible(chunks, signal)), compression, framed);
	const digests = await writeHashed(file, packed.chunks, { content, compression, signal });
	return packed.frames === undefined ? digests : { ...digests, frames: packed.frames };
}

async function writeHashed(
	file: FileHandle,
	chunks: AsyncIterable<ByteChunk>,
	{
		content,
		compression,
		signal,
	}: { content: HashTap } & Pick<WriteFileOptions, 'compression' | 'signal'>,
): Promise<{ stored: ByteDigest; content: ByteDigest }> {
	if (compression.kind === 'none') {
		// The same bytes: hashing them twice would be a tenth of the time.
		await writeTo(file, chunks, signal);
		const digest = await content.result();
		return { stored: digest, content: digest };
	}
	const stored = new HashTap();
	await writeTo(file, stored.tap(chunks), signal);
	return { stored: await stored.result(), content: await content.result() };
}

function sameDigest(a: ByteDigest, b: ByteDigest): boolean {
	return a.bytes === b.bytes && a.sha256 === b.sha256;
}

async function readBack(
	file: FileHandle,
	written: { stored: ByteDigest; content: ByteDigest },
	options: WriteFileOptions,
): Promise<void> {
	const stored = new HashTap();
	const content = await digestOf(decompress(stored.tap(readAll(file, options.signal))));
	const readStored = await stored.result();
	if (sameDigest(readStored, written.stored) && sameDigest(content, written.content)) return;
	throw new EngineError(
		'artifact_corrupt',
		`What was read back from ${join(options.folder.displayPath, options.fileName)} is not what was written`,
		{
			remedy: 'The storage or the memory of this machine is faulty. Do not trust it with backups.',
		},
	);
}

async function giveName(partial: string, options: WriteFileOptions): Promise<void> {
	const { folder, fileName, overwrite } = options;
	const path = join(folder.path, fileName);
	if (!overwrite) await refuseExisting(path, join(folder.displayPath, fileName));
	await rename(partial, path);
	await syncFolder(folder);
}

async function refuseExisting(path: string, displayPath: string): Promise<void> {
	try {
		await (await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))).close();
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return;
		if (systemErrorCode(error) !== 'ELOOP') throw error;
	}
	throw new EngineError('path_exists', `${displayPath} exists already`, {
		remedy: "Give another file name, or switch on 'Overwrite'.",
		details: { path: displayPath },
	});
}

/** Makes a rename in this folder survive a power cut. */
export async function syncFolder(folder: Folder): Promise<void> {
	const handle = await open(folder.path, constants.O_RDONLY);
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/**
 * Writes a stream to a file that has its name only when it is whole: `*.partial` (0600) → fsync → read
 * back → rename. Whatever fails, the partial file is gone and a file of that name is as it was.
 *
 * Throws `path_exists`, `disk_full` and the other path codes, `artifact_corrupt`, `cancelled`, and
 * whatever the source throws.
 */
export async function writeFile(
	chunks: AsyncIterable<ByteChunk>,
	options: WriteFileOptions,
): Promise<WrittenFile> {
	throwIfAborted(options.signal);
	const { folder, fileName, signal } = options;
	const displayPath = join(folder.displayPath, fileName);
	const partial = join(folder.path, fileName + PARTIAL_SUFFIX);
	let file: FileHandle | undefined;
	try {
		if (!options.overwrite) await refuseExisting(join(folder.path, fileName), displayPath);
		if (options.replacePartial === true) await rm(partial, { force: true });
		file = await open(partial, NEW_FILE, 0o600);
		const written = await writeContent(file, chunks, options);
		await file.sync();
		if (options.verify) await readBack(file, written, options);
		throwIfAborted(signal);
		await giveName(partial, options);
		const { stored, content, frames } = written;
		const whole = { fileName, path: displayPath, ...stored, content };
		return frames === undefined ? whole : { ...whole, frames };
	} catch (error) {
		// An existing partial file belongs to somebody else and stays.
		if (file !== undefined) await unlink(partial).catch(() => undefined);
		if (signal.aborted) throw cancelledError(signal);
		throw fileError(error, displayPath);
	} finally {
		await file?.close();
	}
}
