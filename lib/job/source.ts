import { join } from 'node:path';

import {
	type ArtifactEntry,
	type ArtifactKind,
	type Folder,
	type Manifest,
	type OpenBytes,
	fileBytes,
	findArtifact,
	locateSet,
	openFileBytes,
} from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';

/** Where a restore takes its artifact from. Folders are allowed and held open by the caller. */
export type Source =
	/** A set, or the folder of an instance, of which the newest complete set is taken. */
	| { readonly kind: 'set'; readonly set: Folder }
	| { readonly kind: 'file'; readonly folder: Folder; readonly fileName: string }
	| { readonly kind: 'binary'; readonly id: string; readonly fileName: string };

export interface OpenedSource {
	/** What the person knows it by. */
	readonly name: string;
	readonly openBytes: OpenBytes;
	/** Only of a set: where its artifact lies. */
	readonly file?: Folder;
	/** Only of a set: what its manifest says, and the set's folder. */
	readonly artifact?: ArtifactEntry;
	readonly set?: string;
	/** Of the file as it lies there; unknown of a binary field. */
	readonly storedBytes?: number;
	readonly warnings: readonly string[];
}

/** An artifact of an unfinished set is good in itself, but the person should know. */
function warningsOf({ id, state, expected, artifacts }: Manifest): string[] {
	if (state === 'complete') return [];
	if (state === 'partial') {
		return [
			`The backup set ${id} is partial: something was left out, as it was allowed when it was made.`,
		];
	}
	const missing = expected.filter((kind) => !artifacts.some((artifact) => artifact.kind === kind));
	return [`The backup set ${id} is ${state}: it lacks ${missing.join(' and ') || 'nothing'}.`];
}

/**
 * Finds the artifact, in a set by its kind and, for a folder, its name; nothing of it is read but the
 * manifest. Throws what `locateSet` and `findArtifact` throw.
 */
export async function openSource(
	source: Source,
	kind: ArtifactKind,
	{ ports }: JobContext,
	name?: string,
): Promise<OpenedSource> {
	switch (source.kind) {
		case 'set': {
			const { set, manifest } = await locateSet(source.set);
			const artifact = findArtifact(manifest, kind, name);
			const displayPath = join(set.displayPath, artifact.file);
			const file = { path: join(set.path, artifact.file), displayPath };
			const openBytes = openFileBytes(file.path, displayPath);
			const warnings = warningsOf(manifest);
			return { name: displayPath, openBytes, file, artifact, set: set.displayPath, warnings };
		}
		case 'file': {
			const name = join(source.folder.displayPath, source.fileName);
			const path = join(source.folder.path, source.fileName);
			const storedBytes = await fileBytes(path, name);
			return { name, openBytes: openFileBytes(path, name), storedBytes, warnings: [] };
		}
		case 'binary':
			return {
				name: source.fileName,
				openBytes: async () => await ports.binary.read(source.id),
				warnings: [],
			};
	}
}
