import { join } from 'node:path';

import {
	type ArtifactKind,
	type CompanionEntry,
	type CompanionRole,
	openFileBytes,
	readArtifact,
} from '../artifact/index.ts';
import { EngineError, type JobContext } from '../core/index.ts';
import { readFileRows } from '../sql/index.ts';
import { readIndex } from '../tree/index.ts';
import type { WrittenSet } from './artifact-plan.ts';
import { crossCheck } from './cross-check.ts';
import { type CrossCheck, crossCheckText, crossCheckWarnings } from './cross-check-tally.ts';

export interface CrossCheckOptions {
	/** Whether files that the database lists may be missing in the archive; the result is then partial. */
	readonly allowMissingFiles?: boolean;
}

function companionOf(
	{ artifacts, companions }: WrittenSet,
	kind: ArtifactKind,
	role: CompanionRole,
): CompanionEntry | undefined {
	const listed = artifacts.find((artifact) => artifact.kind === kind)?.companions ?? [];
	return [...companions, ...listed].find((companion) => companion.role === role);
}

function filesMissing({ missing, rows, examples }: CrossCheck): EngineError {
	const [path = ''] = examples.missing;
	const which = examples.missing.slice(0, 3).join(', ');
	return new EngineError(
		'tree_files_missing',
		`The archive lacks ${missing} of ${rows} files that the database lists: ${which}`,
		{
			remedy:
				"Check that 'File Root' is the folder that this CaosDB server uses. If the files are really lost, switch on " +
				"'Allow Missing Files': the backup is then made and marked as partial.",
			details: { path, missing, rows },
		},
	);
}

/**
 * The comparison of the database with the file root of one set, by whichever of both is written second.
 * Of a set that has only one of them nothing is compared.
 */
export class SetCrossCheck {
	readonly #options: CrossCheckOptions;
	readonly #context: JobContext;
	#result: CrossCheck | undefined;

	constructor(options: CrossCheckOptions, context: JobContext) {
		this.#options = options;
		this.#context = context;
	}

	/** Throws `tree_files_missing` unless that is allowed, and `artifact_corrupt`. */
	async run(set: WrittenSet): Promise<void> {
		const rows = companionOf(set, 'sql', 'fileRows');
		const index = companionOf(set, 'fileRoot', 'index');
		if (rows === undefined || index === undefined) return;
		const openIndex = async () => readIndex(await this.#open(set, index));
		this.#result = await crossCheck(await readFileRows(await this.#open(set, rows)), openIndex);
		const { missing } = this.#result;
		if (missing > 0 && this.#options.allowMissingFiles !== true) throw filesMissing(this.#result);
	}

	get isPartial(): boolean {
		return (this.#result?.missing ?? 0) > 0;
	}

	/** For the manifest and the report. */
	get details(): { readonly crossCheck?: CrossCheck } {
		return this.#result === undefined ? {} : { crossCheck: this.#result };
	}

	/** Continues the sentence of the report. */
	get text(): string {
		return this.#result === undefined ? '' : crossCheckText(this.#result);
	}

	get warnings(): readonly string[] {
		return this.#result === undefined ? [] : crossCheckWarnings(this.#result);
	}

	async #open({ folder }: WrittenSet, entry: CompanionEntry): Promise<AsyncIterable<Uint8Array>> {
		const open = openFileBytes(join(folder.path, entry.file), join(folder.displayPath, entry.file));
		return readArtifact(open, this.#context.signal, entry).chunks;
	}
}
