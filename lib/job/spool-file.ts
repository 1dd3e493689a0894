import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { Folder } from '../artifact/index.ts';
import { CHUNK_BYTES, fileError, systemErrorCode } from '../core/index.ts';

/**
 * Bytes that must be known to their end before they are passed on: a file without a name, so that nothing is left
 * of it when the process dies.
 */
export class SpoolFile {
	bytes = 0;
	readonly #file: FileHandle;
	readonly #folder: Folder;
	/** Set where an open file cannot lose its name; it is removed at the end then. */
	readonly #path: string | undefined;

	private constructor(file: FileHandle, folder: Folder, path: string | undefined) {
		this.#file = file;
		this.#folder = folder;
		this.#path = path;
	}

	/** Throws the path codes and `disk_full`. */
	static async create(folder: Folder): Promise<SpoolFile> {
		const path = join(folder.path, `.entities-${randomBytes(8).toString('hex')}.partial`);
		try {
			const file = await open(path, 'wx+', 0o600);
			const isNameless = await unlink(path).then(
				() => true,
				() => false,
			);
			return new SpoolFile(file, folder, isNameless ? undefined : path);
		} catch (error) {
			throw fileError(error, folder.displayPath);
		}
	}

	async write(chunk: Uint8Array): Promise<void> {
		try {
			let done = 0;
			while (done < chunk.length) {
				const { bytesWritten } = await this.#file.write(
					chunk,
					done,
					chunk.length - done,
					this.bytes,
				);
				done += bytesWritten;
				this.bytes += bytesWritten;
			}
		} catch (error) {
			throw fileError(error, this.#folder.displayPath);
		}
	}

	/** Begins anew. */
	clear(): void {
		this.bytes = 0;
	}

	/** All of it, from its beginning; may be read several times at once. */
	async *read(): AsyncGenerator<Uint8Array> {
		for (let at = 0; at < this.bytes;) {
			const length = Math.min(CHUNK_BYTES, this.bytes - at);
			const chunk = Buffer.allocUnsafe(length);
			const { bytesRead } = await this.#read(chunk, at);
			at += bytesRead;
			yield chunk.subarray(0, bytesRead);
		}
	}

	async close(): Promise<void> {
		await this.#file.close();
		if (this.#path === undefined) return;
		await unlink(this.#path).catch((error: unknown) => {
			if (systemErrorCode(error) !== 'ENOENT') throw fileError(error, this.#folder.displayPath);
		});
	}

	async #read(chunk: Buffer, at: number): Promise<{ bytesRead: number }> {
		try {
			return await this.#file.read(chunk, 0, chunk.length, at);
		} catch (error) {
			throw fileError(error, this.#folder.displayPath);
		}
	}
}
