import { closeSync, openSync, readSync, writeSync } from 'node:fs';

import type { BytePath } from './byte-path.ts';

/*
 * Rights, owners and times of folders are set last, children before parents: making what a folder
 * contains changes its time, and its rights may forbid it. Their list lies in a file, because an archive
 * may have any number of them.
 */

export interface LoggedFolder {
	readonly path: BytePath;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Nanoseconds since 1970. */
	readonly mtime: bigint;
}

const LINES_PER_BLOCK = 1000;

export class FolderLog {
	readonly #fd: number;
	readonly #blocks: { readonly offset: number; readonly bytes: number }[] = [];
	#lines: string[] = [];
	#bytes = 0;

	constructor(file: string) {
		this.#fd = openSync(file, 'ax+', 0o600);
	}

	add({ path, mode, uid, gid, mtime }: LoggedFolder): void {
		this.#lines.push(JSON.stringify([path, mode, uid, gid, String(mtime)]));
		if (this.#lines.length === LINES_PER_BLOCK) this.#flush();
	}

	/** All of them, last first. */
	*reversed(): Generator<LoggedFolder> {
		this.#flush();
		for (const { offset, bytes } of this.#blocks.toReversed()) {
			const block = Buffer.alloc(bytes);
			readSync(this.#fd, block, 0, bytes, offset);
			for (const line of block.toString('utf8').trimEnd().split('\n').reverse()) {
				const [path, mode, uid, gid, mtime] = JSON.parse(line) as [
					string,
					number,
					number,
					number,
					string,
				];
				yield { path, mode, uid, gid, mtime: BigInt(mtime) };
			}
		}
	}

	close(): void {
		closeSync(this.#fd);
	}

	#flush(): void {
		if (this.#lines.length === 0) return;
		const block = Buffer.from(`${this.#lines.join('\n')}\n`, 'utf8');
		for (let at = 0; at < block.length;) at += writeSync(this.#fd, block, at);
		this.#blocks.push({ offset: this.#bytes, bytes: block.length });
		this.#bytes += block.length;
		this.#lines = [];
	}
}
