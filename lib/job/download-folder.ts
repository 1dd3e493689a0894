import { lstatSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

import type { Folder } from '../artifact/index.ts';
import { EngineError, type JobContext, fileError } from '../core/index.ts';
import { type FileContent, type NeededFile, filePathParts } from '../entity/index.ts';
import { ReadyContents } from './ready-contents.ts';

const FOLDER_NAME = 'downloads';

/** `downloads/<path>` beside a document, as the official export tool lays it out. */
export class DownloadFolder {
	readonly #folder: Folder;
	readonly #context: JobContext;

	constructor(parent: Folder, context: JobContext) {
		this.#folder = {
			path: join(parent.path, FOLDER_NAME),
			displayPath: join(parent.displayPath, FOLDER_NAME),
		};
		this.#context = context;
	}

	/** Whether there is a file at this path of the server. Throws `tree_entry_unsafe`. */
	has(path: string): boolean {
		const found = lstatSync(this.#place(path).path, { throwIfNoEntry: false });
		return found?.isFile() ?? false;
	}

	/** Throws `tree_entry_unsafe`, `path_blocked`, `entity_file_corrupt`. */
	async contents(needed: Iterable<NeededFile>): Promise<(path: string) => FileContent | undefined> {
		const contents = new ReadyContents(this.#context.signal);
		for (const file of needed) {
			const place = this.#place(file.path);
			this.#assertInside(place.path, file.path);
			const [isBlocked] = await this.#context.ports.paths.blocked([place.displayPath]);
			if (isBlocked === true) {
				throw new EngineError('path_blocked', `n8n may not access ${place.displayPath}`, {
					remedy: 'See N8N_BLOCK_FILE_PATTERNS and N8N_RESTRICT_FILE_ACCESS_TO.',
					details: { path: place.displayPath },
				});
			}
			if (!contents.mayKeep(this.#size(place))) await contents.add(place, file);
			else contents.keep(await readWhole(place), file);
		}
		return contents.of;
	}

	#size({ path, displayPath }: Folder): number {
		try {
			return lstatSync(path).size;
		} catch (error) {
			throw fileError(error, displayPath);
		}
	}

	#place(path: string): Folder {
		const parts = filePathParts(path);
		return {
			path: join(this.#folder.path, ...parts),
			displayPath: join(this.#folder.displayPath, ...parts),
		};
	}

	/** No symbolic link on the way leads elsewhere. */
	#assertInside(file: string, path: string): void {
		const root = realpathSync(this.#folder.path);
		if (realpathSync(file).startsWith(root + sep)) return;
		throw new EngineError('tree_entry_unsafe', `A link leads to the content of ${path}`, {
			remedy: 'No export has links. Put the file itself there, if you trust it.',
			details: { path },
		});
	}
}

async function readWhole({ path, displayPath }: Folder): Promise<Buffer> {
	try {
		return await readFile(path);
	} catch (error) {
		throw fileError(error, displayPath);
	}
}
