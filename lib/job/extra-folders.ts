import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

import { type Folder, checkFolderName } from '../artifact/index.ts';
import { EngineError, type JobContext } from '../core/index.ts';
import type { StoredArtifact } from './artifact-plan.ts';
import type { Destination } from './destination.ts';
import { type TreeArchive, type TreeArchiveInput, storeTree } from './tree-archive.ts';

/** A folder to be archived beside the file root. */
export interface ExtraFolder {
	/** What it is restored by. */
	readonly name: string;
	readonly root: Folder;
	/** Names at its top of which there should be one, or it may be another folder than was meant. */
	readonly holds?: readonly string[];
}

/** What became of one. Plain data. */
export interface ArchivedFolder {
	readonly name: string;
	readonly root: string;
	readonly fileName: string;
	readonly bytes: number;
	readonly files: number;
	readonly contentBytes: number;
}

export interface ExtraFolders {
	/** Where what comes next goes: the same set. */
	readonly destination: Destination;
	readonly folders: readonly ArchivedFolder[];
	readonly warnings: readonly string[];
	readonly isPartial: boolean;
}

/** Throws `invalid_option`. */
function checkFolders(folders: readonly ExtraFolder[], destination: Destination): void {
	for (const { name } of folders) checkFolderName(name);
	const names = folders.map(({ name }) => name);
	const twice = names.find((name, index) => names.indexOf(name) !== index);
	if (twice !== undefined) {
		throw new EngineError('invalid_option', `Two extra folders are called '${twice}'`, {
			remedy: 'Give each a name of its own: it is restored by that name.',
		});
	}
	if (destination.kind === 'newSet' || destination.kind === 'joinSet') return;
	throw new EngineError('invalid_option', 'Extra folders need a backup set', {
		remedy: "Choose 'Backup Set' as the destination, or take the extra folders out.",
	});
}

/** The set that a new artifact went into, for the next one. */
function sameSet(destination: Destination, { backupSet = '' }: StoredArtifact): Destination {
	if (destination.kind !== 'newSet') return destination;
	const path = join(destination.backups.path, destination.instance, basename(backupSet));
	return { kind: 'joinSet', set: { path, displayPath: backupSet } };
}

function warningsOf({ name, root, holds = [] }: ExtraFolder, { summary }: TreeArchive): string[] {
	const warnings = summary.warnings.map((text) => `Folder '${name}': ${text}`);
	if (holds.length === 0 || holds.some((entry) => existsSync(join(root.path, entry)))) {
		return warnings;
	}
	return [
		...warnings,
		`Folder '${name}' holds none of ${holds.join(', ')}: check that ${root.displayPath} is the one you mean.`,
	];
}

/**
 * Archives folders under their names, before the file root: a set counts as complete with that, so they
 * must be in it by then. Throws `invalid_option`, and what archiving throws.
 */
export async function storeFolders(
	folders: readonly ExtraFolder[],
	shared: Omit<TreeArchiveInput, 'root' | 'name' | 'incremental'>,
	context: JobContext,
): Promise<ExtraFolders> {
	let { destination } = shared;
	if (folders.length > 0) checkFolders(folders, destination);
	const done: ArchivedFolder[] = [];
	const warnings: string[] = [];
	let isPartial = false;
	for (const folder of folders) {
		const { name, root } = folder;
		const archive = await storeTree({ ...shared, root, name, destination }, context);
		destination = sameSet(destination, archive.stored);
		const { fileName, bytes } = archive.stored;
		const { files, contentBytes } = archive.summary;
		done.push({ name, root: root.displayPath, fileName, bytes, files, contentBytes });
		warnings.push(...warningsOf(folder, archive));
		isPartial ||= archive.status === 'partial';
	}
	return { destination, folders: done, warnings, isPartial };
}
