import { readFile, rename, writeFile } from 'node:fs/promises';

import type { User, UserRole } from './accounts.ts';
import type { IdKind } from './ids.ts';
import type { Entity } from './model.ts';

/** Everything but the files, as it lies in one JSON file. */
export interface SavedState {
	readonly ids: IdKind;
	readonly nextId: number;
	/** Versions of each entity, oldest first. */
	readonly entities: ReadonlyArray<readonly Entity[]>;
	readonly users: readonly User[];
	readonly roles: readonly UserRole[];
}

export async function writeState(path: string, state: SavedState): Promise<void> {
	await writeFile(`${path}.partial`, JSON.stringify(state));
	await rename(`${path}.partial`, path);
}

export async function readState(path: string): Promise<SavedState> {
	return JSON.parse(await readFile(path, 'utf8')) as SavedState;
}
