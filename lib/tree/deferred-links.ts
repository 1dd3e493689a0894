import {
	closeSync,
	createReadStream,
	lchownSync,
	linkSync,
	lstatSync,
	lutimesSync,
	openSync,
	symlinkSync,
	writeSync,
} from 'node:fs';
import { createInterface } from 'node:readline';

import { EngineError, systemErrorCode } from '../core/index.ts';
import { type BytePath, parentOf, toBuffer, toText } from './byte-path.ts';
import { secondsOf } from './file-times.ts';
import { mergedNames } from './merged-names.ts';
import { IS_ROOT, type NewEntries } from './new-entries.ts';
import type { Turns } from './turns.ts';

/*
 * Links are made after everything else, so that nothing can be written through one: first the hard links
 * to files, then the symbolic links, then the hard links to those. Their list lies in a file, because a
 * file root may have any number of them.
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

const LINES_PER_WRITE = 1000;

export class DeferredLinks {
	readonly #file: string;
	readonly #fd: number;
	#lines: string[] = [];

	constructor(file: string) {
		this.#file = file;
		this.#fd = openSync(file, 'ax', 0o600);
	}

	add(link: DeferredLink): void {
		this.#lines.push(`${JSON.stringify(link)}\n`);
		if (this.#lines.length === LINES_PER_WRITE) this.#flush();
	}

	async *links(type: DeferredLink['type']): AsyncGenerator<DeferredLink> {
		this.#flush();
		const lines = createInterface({
			input: createReadStream(this.#file, 'utf8'),
			crlfDelay: Infinity,
		});
		for await (const line of lines) {
			const link = JSON.parse(line) as DeferredLink;
			if (link.type === type) yield link;
		}
	}

	close(): void {
		closeSync(this.#fd);
	}

	#flush(): void {
		const block = Buffer.from(this.#lines.join(''), 'utf8');
		for (let at = 0; at < block.length;) at += writeSync(this.#fd, block, at);
		this.#lines = [];
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

function withoutTarget({ path, target }: DeferredLink): EngineError {
	return new EngineError(
		'tree_entry_unsafe',
		`'${toText(path)}' is a second name of '${toText(target)}', which is not in the archive`,
		{ remedy: 'The archive is not whole. Use another copy.' },
	);
}

/** Makes the links of an archive below a root. */
export class LinkMaker {
	readonly #entries: NewEntries;
	readonly #turns: Turns;

	constructor(entries: NewEntries, turns: Turns) {
		this.#entries = entries;
		this.#turns = turns;
	}

	/** Throws `tree_entry_unsafe`, `cancelled` and system errors. */
	async make(links: DeferredLinks): Promise<void> {
		let waiting = 0;
		for await (const link of links.links('hardLink')) {
			if (!this.#hardLink(link)) waiting++;
			await this.#pause();
		}
		for await (const link of links.links('symbolicLink')) {
			this.#symbolicLink(link);
			await this.#pause();
		}
		if (waiting === 0) return;
		for await (const link of links.links('hardLink')) {
			if (!this.#hardLink(link)) throw withoutTarget(link);
			await this.#pause();
		}
	}

	#collision(path: BytePath, cause: unknown): EngineError {
		return this.#entries.mergesNames ? mergedNames(path, cause) : collision(path, cause);
	}

	async #pause(): Promise<void> {
		if (this.#turns.isDue) await this.#turns.take();
	}

	#symbolicLink({ path, target, uid, gid, mtime }: DeferredLink): void {
		const full = this.#entries.full(path);
		this.#entries.makeWay(path);
		try {
			symlinkSync(toBuffer(target), full);
		} catch (error) {
			throw systemErrorCode(error) === 'EEXIST' ? this.#collision(path, error) : error;
		}
		if (IS_ROOT) lchownSync(full, uid, gid);
		const time = secondsOf(BigInt(mtime));
		lutimesSync(full, time, time);
	}

	/** False when its target is not there (yet). */
	#hardLink({ path, target }: DeferredLink): boolean {
		if (!this.#isThere(target)) return false;
		if (this.#isSame(path, target)) return true;
		this.#entries.makeWay(path);
		try {
			linkSync(this.#entries.full(target), this.#entries.full(path));
			return true;
		} catch (error) {
			throw systemErrorCode(error) === 'EEXIST' ? this.#collision(path, error) : error;
		}
	}

	/** Whether something has this name that is reached through folders alone, never through a link. */
	#isThere(path: BytePath): boolean {
		for (let above = parentOf(path); above !== ''; above = parentOf(above)) {
			const stats = lstatSync(this.#entries.full(above), { throwIfNoEntry: false });
			if (stats === undefined || !stats.isDirectory()) return false;
		}
		return lstatSync(this.#entries.full(path), { throwIfNoEntry: false }) !== undefined;
	}

	#isSame(a: BytePath, b: BytePath): boolean {
		const [one, other] = [a, b].map((path) =>
			lstatSync(this.#entries.full(path), { throwIfNoEntry: false, bigint: true }),
		);
		return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
	}
}
