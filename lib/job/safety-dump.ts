import { basename, join } from 'node:path';

import {
	type ArtifactReading,
	type Folder,
	openFileBytes,
	readArtifact,
} from '../artifact/index.ts';
import { EngineError, type JobContext, TOOL, toEngineError } from '../core/index.ts';
import {
	type DumpSummary,
	type SqlEndpoint,
	checkDump,
	checkRestore,
	demandNoObstacle,
	dumpDatabase,
	restoreDatabase,
} from '../sql/index.ts';
import type { StoredArtifact } from './artifact-plan.ts';
import { storeArtifact } from './destination.ts';
import { withDumpContext } from './dump-context.ts';

/** A dump of what a restore in place is about to replace. */
export class SafetyDump {
	readonly #place: { readonly endpoint: SqlEndpoint; readonly database: string };
	readonly #folder: Folder;
	readonly #context: JobContext;
	#made: { readonly stored: StoredArtifact; readonly summary: DumpSummary } | undefined;

	constructor(
		{ endpoint, database }: { readonly endpoint: SqlEndpoint; readonly database: string },
		folder: Folder,
		context: JobContext,
	) {
		this.#place = { endpoint, database };
		this.#folder = folder;
		this.#context = context;
	}

	/** Where it lies; `undefined` until it was made. */
	get path(): string | undefined {
		return this.#made === undefined ? undefined : this.#pathOf(this.#made.stored.fileName);
	}

	/** Makes it, proves that it can be brought back, and tells where it lies. */
	async make(): Promise<string> {
		const { endpoint, database } = this.#place;
		let summary: (() => DumpSummary) | undefined;
		const store = async (dumping: JobContext) =>
			await storeArtifact(
				{ kind: 'file', folder: this.#folder, overwrite: false },
				{
					...{ kind: 'sql', stem: `${database.replaceAll(/[^\w-]/g, '_')}-safety` },
					...{ extension: '.dump.sql', mimeType: 'application/sql', verify: true, framed: false },
					compression: { kind: 'zstd', level: 1 },
				},
				async () => {
					const tool = `${TOOL.name} ${TOOL.version}`;
					const dump = await dumpDatabase({ endpoint, database, tool }, dumping);
					summary = () => dump.summary();
					return { chunks: dump.chunks, details: () => ({ ...dump.summary() }) };
				},
				this.#context,
			);
		const stored = await withDumpContext(this.#context, store);
		if (summary === undefined) throw new EngineError('internal', 'No safety dump was made');
		this.#made = { stored, summary: summary() };
		await this.#demandRestorable(stored.fileName);
		return this.#pathOf(stored.fileName);
	}

	/**
	 * Brings the content of a safety dump back into the emptied database: of this one, or of an earlier one
	 * of the same folder. The run may be cancelled, so its signal does not count.
	 */
	async bringBack(path: string): Promise<void> {
		const fileName = basename(path);
		const context = { ...this.#context, signal: new AbortController().signal };
		const reading = this.#read(fileName, context);
		const made = this.#made?.stored.fileName === fileName ? this.#made : undefined;
		const expected = made === undefined ? {} : { expected: made.summary };
		const place = { ...this.#place, allowOtherSessions: true };
		await restoreDatabase({ ...place, ...expected, chunks: reading.chunks }, context);
		reading.assertEnded();
	}

	/** What stands in the way of bringing it back is to be known while the content is still there. */
	async #demandRestorable(fileName: string): Promise<void> {
		const reading = this.#read(fileName, this.#context);
		const check = await checkDump(reading.chunks, this.#context);
		reading.assertEnded();
		const looking = { ...this.#place, check, replace: true, allowOtherSessions: true };
		try {
			demandNoObstacle(await checkRestore(looking, this.#context));
		} catch (error) {
			const cause = toEngineError(error);
			throw new EngineError(
				cause.code,
				`The old content could not be brought back from its safety dump, so it is not replaced: ${cause.message}`,
				{ remedy: cause.remedy, details: cause.details, cause },
			);
		}
	}

	#read(fileName: string, context: JobContext): ArtifactReading {
		const openBytes = openFileBytes(join(this.#folder.path, fileName), this.#pathOf(fileName));
		const { stored } = this.#made ?? {};
		const expected = stored?.fileName === fileName ? stored : undefined;
		return readArtifact(openBytes, context.signal, expected);
	}

	#pathOf(fileName: string): string {
		return join(this.#folder.displayPath, fileName);
	}
}
