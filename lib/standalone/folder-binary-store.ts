import { constants } from 'node:fs';
import { link, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { type BinaryStorePort, EngineError, type StoredBinary, fileError } from '../core/index.ts';

const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;

/** Keeps files in a folder; the id of a file is its name. An existing file is never replaced. */
export class FolderBinaryStore implements BinaryStorePort {
	readonly #folder: string;

	constructor(folder: string) {
		this.#folder = folder;
	}

	async read(id: string): Promise<Readable> {
		const path = this.#path(id);
		try {
			return (await open(path)).createReadStream();
		} catch (error) {
			throw new EngineError('binary_missing', `There is no file ${path}`, {
				remedy: 'Give the name of a file in that folder.',
				cause: error,
			});
		}
	}

	async write(
		content: Readable,
		{ fileName }: { readonly fileName: string },
	): Promise<StoredBinary> {
		const path = this.#path(fileName);
		const partial = `${path}.partial`;
		let isOurs = false;
		try {
			const file = await open(partial, NEW_FILE, 0o600);
			isOurs = true;
			await pipeline(content, file.createWriteStream({ flush: true }));
			// Unlike a rename, a link never replaces what is there.
			await link(partial, path);
			return { id: fileName, bytes: (await stat(path)).size };
		} catch (error) {
			content.destroy();
			throw fileError(error, path);
		} finally {
			if (isOurs) await unlink(partial);
		}
	}

	#path(name: string): string {
		if (/^[^/\\\0]+$/.test(name) && name !== '.' && name !== '..') return join(this.#folder, name);
		throw new EngineError('invalid_option', `'${name}' is not a file name`, {
			remedy: 'Give the name of one file, without folders.',
		});
	}
}
