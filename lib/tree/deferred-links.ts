import {
	closeSync,
	createReadStream,
	lchownSync,
	linkSync,
	lutimesSync,
	openSync,
	symlinkSync,
	writeSync,
} from 'node:fs';
import { createInterface } from 'node:readline';

import { EngineError, systemErrorCode } from '../core/index.ts';
import { type BytePath, toBuffer, toText } from './byte-path.ts';
import { secondsOf } from './file-times.ts';

/*
 * Links are made after everything else, so that nothing can be written through one. Their list lies in
 * a file, because a file root may have any number of them.
 */

export interface DeferredLink {
	readonly type: 'symbolicLink' | 'hardLink';
	/** Below the root of the tree. */
	readonly path: BytePath;
	/** Exact target of a symbolic link; for a hard link a path below the root. */
	readonly target: BytePath;
	readonly uid: number;
	readonly gid: number;
	/** Nanoseconds since 1970, in decimal. */
	readonly mtime: string;
}

export class DeferredLinks {
	readonly #file: string;
	readonly #fd: number;

	constructor(file: string) {
		this.#file = file;
		this.#fd = openSync(file, 'ax', 0o600);
	}

	add(link: DeferredLink): void {
		writeSync(this.#fd, `${JSON.stringify(link)}\n`);
	}

	async *links(): AsyncGenerator<DeferredLink> {
		const lines = createInterface({
			input: createReadStream(this.#file, 'utf8'),
			crlfDelay: Infinity,
		});
		for await (const line of lines) yield JSON.parse(line) as DeferredLink;
	}

	close(): void {
		closeSync(this.#fd);
	}
}

function collision(path: BytePath, cause: unknown): EngineError {
	return new EngineError(
		'tree_entry_unsafe',
		`The archive has '${toText(path)}' twice, once as a link`,
		{
			remedy: 'No backup of a file root does. Do not trust this archive.',
			details: { path: toText(path) },
			cause,
		},
	);
}

/** Makes one link below `root`. Throws `tree_entry_unsafe` and system errors. */
export function makeLink(root: BytePath, link: DeferredLink, isRoot: boolean): void {
	const path = toBuffer(`${root}/${link.path}`);
	try {
		if (link.type === 'symbolicLink') {
			symlinkSync(toBuffer(link.target), path);
			if (isRoot) lchownSync(path, link.uid, link.gid);
			const mtime = secondsOf(BigInt(link.mtime));
			lutimesSync(path, mtime, mtime);
			return;
		}
		linkSync(toBuffer(`${root}/${link.target}`), path);
	} catch (error) {
		if (systemErrorCode(error) === 'EEXIST') throw collision(link.path, error);
		if (systemErrorCode(error) !== 'ENOENT' || link.type === 'symbolicLink') throw error;
		throw new EngineError(
			'tree_entry_unsafe',
			`'${toText(link.path)}' is a second name of '${toText(link.target)}', which is not in the archive`,
			{ remedy: 'The archive is not whole. Use another copy.', cause: error },
		);
	}
}
