import { join } from 'node:path';

import { type Folder, openFileBytes, readArtifact } from '../artifact/index.ts';
import { type JobContext, TOOL } from '../core/index.ts';
import { type SqlEndpoint, dumpDatabase, restoreDatabase } from '../sql/index.ts';
import type { StoredArtifact } from './artifact-plan.ts';
import { storeArtifact } from './destination.ts';

/** A dump of what a restore in place is about to replace. */
export class SafetyDump {
	readonly #place: { readonly endpoint: SqlEndpoint; readonly database: string };
	readonly #folder: Folder;
	readonly #context: JobContext;
	#stored: StoredArtifact | undefined;

	constructor(
		place: { readonly endpoint: SqlEndpoint; readonly database: string },
		folder: Folder,
		context: JobContext,
	) {
		this.#place = place;
		this.#folder = folder;
		this.#context = context;
	}

	/** Where it lies; `undefined` until it was made. */
	get path(): string | undefined {
		return this.#stored === undefined
			? undefined
			: join(this.#folder.displayPath, this.#stored.fileName);
	}

	/** Makes it and tells where. */
	async make(): Promise<string> {
		const { endpoint, database } = this.#place;
		this.#stored = await storeArtifact(
			{ kind: 'file', folder: this.#folder, overwrite: false },
			{
				...{ kind: 'sql', stem: `${database.replaceAll(/[^\w-]/g, '_')}-safety` },
				...{ extension: '.dump.sql', mimeType: 'application/sql', verify: true, framed: false },
				compression: { kind: 'zstd', level: 1 },
			},
			async () => {
				const tool = `${TOOL.name} ${TOOL.version}`;
				const dump = await dumpDatabase({ endpoint, database, tool }, this.#context);
				return { chunks: dump.chunks, details: () => ({ ...dump.summary() }) };
			},
			this.#context,
		);
		return this.path ?? '';
	}

	/** Brings the content back after a failure; the run may be cancelled, so its signal does not count. */
	async bringBack(): Promise<void> {
		const { path } = this;
		if (path === undefined || this.#stored === undefined) return;
		const context = { ...this.#context, signal: new AbortController().signal };
		const openBytes = openFileBytes(join(this.#folder.path, this.#stored.fileName), path);
		const reading = await readArtifact(openBytes, context.signal, this.#stored);
		await restoreDatabase({ ...this.#place, chunks: reading.chunks }, context);
		reading.assertEnded();
	}
}
