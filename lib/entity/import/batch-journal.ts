import { open, readFile, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError, fileError } from '../../core/index.ts';

/*
 * What is about to be inserted, one file per request, there from before the request is sent until the id map has
 * what came of it. A file that a dead run left, or of a request without an answer, tells what to look for.
 */

const PATTERN = /^batch-(\d+)\.json$/;

/** An entity as it was sent, and what the id map has to be told about it. */
export interface JournalledEntity {
	/** See `packEntity`; ids are those of the target, temporary for members of the request. */
	readonly packed: string;
	/** null: without an id in the file. */
	readonly source: string | null;
	readonly sourceVersion: string | null;
	readonly hash: string;
}

export interface JournalledBatch {
	/** Milliseconds since 1970 on the server's clock; it was sent after that. */
	readonly since: number;
	readonly entities: readonly JournalledEntity[];
}

export interface OpenBatch extends JournalledBatch {
	readonly number: number;
}

export class BatchJournal {
	readonly #folder: string;
	readonly #displayPath: string;

	/** `folder` exists and is this pair's own. */
	constructor(folder: string, displayPath: string) {
		this.#folder = folder;
		this.#displayPath = displayPath;
	}

	/** Is on the disk when this returns. */
	async begin(number: number, batch: JournalledBatch): Promise<void> {
		const path = this.#path(number);
		try {
			const file = await open(`${path}.partial`, 'w', 0o600);
			try {
				await file.writeFile(JSON.stringify(batch));
				await file.sync();
			} finally {
				await file.close();
			}
			await rename(`${path}.partial`, path);
			await this.#syncFolder();
		} catch (error) {
			throw fileError(error, this.#displayPath);
		}
	}

	/** The id map has it. */
	async end(number: number): Promise<void> {
		await unlink(this.#path(number)).catch((error: unknown) => {
			throw fileError(error, this.#displayPath);
		});
	}

	/** Batches of earlier runs that have no end, oldest first. Throws `id_map_invalid`. */
	async unfinished(): Promise<OpenBatch[]> {
		const found: OpenBatch[] = [];
		for (const name of await readdir(this.#folder)) {
			const number = PATTERN.exec(name)?.[1];
			if (number === undefined) continue;
			const text = await readFile(join(this.#folder, name), 'utf8');
			found.push({ number: Number(number), ...this.#parse(text) });
		}
		return found.sort((a, b) => a.number - b.number);
	}

	#parse(text: string): JournalledBatch {
		const value: unknown = JSON.parse(text);
		const isBatch =
			typeof value === 'object' && value !== null && 'since' in value && 'entities' in value;
		if (isBatch && Array.isArray(value.entities)) return value as JournalledBatch;
		throw new EngineError('id_map_invalid', `${this.#displayPath} has a file that is no batch`, {
			remedy: 'Look on the target what the last import inserted, then remove the file.',
			details: { path: this.#displayPath },
		});
	}

	#path(number: number): string {
		return join(this.#folder, `batch-${number}.json`);
	}

	async #syncFolder(): Promise<void> {
		const folder = await open(this.#folder, 'r');
		try {
			await folder.sync();
		} finally {
			await folder.close();
		}
	}
}
