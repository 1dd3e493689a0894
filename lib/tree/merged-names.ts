import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { EngineError } from '../core/index.ts';
import { type BytePath, toText } from './byte-path.ts';

/*
 * Some file systems take names for one that differ in case (Windows shares, folders with case folding)
 * or in how an accent is encoded. Whether the target's does is found by trying, not by its name.
 */

const PROBE = 'n8n-caosdb-é';

export interface Merging {
	readonly case: boolean;
	readonly accents: boolean;
}

/** Makes a file in a folder of our own, and looks for it by other spellings. */
export function probeMerging(folder: string): Merging {
	const path = join(folder, PROBE.normalize('NFC'));
	writeFileSync(path, '');
	try {
		return {
			case: existsSync(join(folder, PROBE.normalize('NFC').toUpperCase())),
			accents: existsSync(join(folder, PROBE.normalize('NFD'))),
		};
	} finally {
		rmSync(path);
	}
}

export function mergedNames(path: BytePath, cause?: unknown): EngineError {
	return new EngineError(
		'tree_entry_unsupported',
		`The file system of the target takes '${toText(path)}' and another name of the archive for one`,
		{
			remedy:
				'It does not tell names apart by case, or by how accents are encoded. Restore onto a file system of Linux (ext4, XFS).',
			details: { path: toText(path) },
			cause,
		},
	);
}

/** Knows the spelling of every folder, where that matters; two folders would silently become one. */
export class FolderSpellings {
	readonly merging: Merging;
	readonly #spellings = new Map<string, BytePath>();

	constructor(merging: Merging) {
		this.merging = merging;
	}

	get isNeeded(): boolean {
		return this.merging.case || this.merging.accents;
	}

	/** Throws `tree_entry_unsupported` when the folder was met under another spelling. */
	meet(path: BytePath): void {
		if (!this.isNeeded) return;
		const text = toText(path);
		const plain = this.merging.accents ? text.normalize('NFC') : text;
		const key = this.merging.case ? plain.toLowerCase() : plain;
		const known = this.#spellings.get(key);
		if (known !== undefined && known !== path) throw mergedNames(path);
		this.#spellings.set(key, path);
	}
}
