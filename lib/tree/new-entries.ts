import {
	chmodSync,
	closeSync,
	constants,
	fchmodSync,
	fchownSync,
	fstatSync,
	ftruncateSync,
	futimesSync,
	lstatSync,
	mkdirSync,
	openSync,
	renameSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { EngineError, systemErrorCode } from '../core/index.ts';
import { type BytePath, fromText, parentOf, toBuffer, toText } from './byte-path.ts';
import type { DurableFiles } from './durable-files.ts';
import { secondsOf } from './file-times.ts';
import type { SpaceWatch } from './free-space.ts';
import type { Member } from './member.ts';
import { FolderSpellings, mergedNames, probeMerging } from './merged-names.ts';
import type { Piece } from './tar-reader.ts';
import type { Turns } from './turns.ts';

const NEW_FILE =
	constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
export const MY_UID = process.getuid?.();
export const IS_ROOT = MY_UID === 0;

/** What a new file gets without further calls: umask, default access lists and folders' groups decide. */
interface Granted {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
}

function probeGranted(folder: string): Granted {
	const path = join(folder, 'granted');
	const fd = openSync(path, NEW_FILE, 0o777);
	try {
		const { mode, uid, gid } = fstatSync(fd);
		return { mode: mode & 0o777, uid, gid };
	} finally {
		closeSync(fd);
		unlinkSync(path);
	}
}

function twice(path: BytePath, cause?: unknown): EngineError {
	return new EngineError(
		'tree_entry_unsafe',
		`The archive has '${toText(path)}' twice, as different things`,
		{
			remedy: 'No backup of a file root does. Do not trust this archive.',
			details: { path: toText(path) },
			cause,
		},
	);
}

function folderInTheWay(path: BytePath, cause: unknown): EngineError {
	return new EngineError(
		'path_exists',
		`'${toText(path)}' is a folder in the target and none in the archive`,
		{
			remedy: 'Remove that folder, or replace the file root as a whole.',
			details: { path: toText(path) },
			cause,
		},
	);
}

export interface NewEntriesOptions {
	/** What all paths are below. */
	readonly root: BytePath;
	/** A folder of our own on the same file system. */
	readonly workshop: string;
	/** Whether what is there already is replaced, entry by entry. */
	readonly inPlace: boolean;
	readonly files: DurableFiles;
	readonly space: SpaceWatch;
	readonly turns: Turns;
}

/** Makes folders and files below a root in which there is no link that was not there before. */
export class NewEntries {
	readonly #root: BytePath;
	readonly #newFile: BytePath;
	readonly #inPlace: boolean;
	readonly #files: DurableFiles;
	readonly #space: SpaceWatch;
	readonly #turns: Turns;
	readonly #granted: Granted;
	readonly #spellings: FolderSpellings;
	/** Known to be a folder: archives have what lies in one folder together. */
	#parent: BytePath = '';

	/** Throws `tree_entry_unsupported` for a target that cannot be restored in place. */
	constructor({ root, workshop, inPlace, files, space, turns }: NewEntriesOptions) {
		this.#root = root;
		this.#newFile = fromText(join(workshop, 'file'));
		this.#inPlace = inPlace;
		this.#files = files;
		this.#space = space;
		this.#turns = turns;
		this.#granted = probeGranted(workshop);
		this.#spellings = new FolderSpellings(probeMerging(workshop));
		if (!inPlace || !this.#spellings.isNeeded) return;
		throw new EngineError(
			'tree_entry_unsupported',
			'The file system of the target does not tell all names apart: in place, one entry could replace another',
			{ remedy: 'Restore into an empty folder, or replace the file root as a whole.' },
		);
	}

	/** Whether two names of an archive may be one here, so that something in the way says nothing about it. */
	get mergesNames(): boolean {
		return this.#spellings.isNeeded;
	}

	full(path: BytePath): Buffer {
		return toBuffer(path === '' ? this.#root : `${this.#root}/${path}`);
	}

	folder(path: BytePath): void {
		if (path === '') return;
		this.parents(path);
		this.#makeFolder(path, 0o700);
		this.#space.made(1, 0);
		this.#parent = path;
	}

	/** Archives may leave folders out that their members lie in. */
	parents(path: BytePath): void {
		const parent = parentOf(path);
		if (parent === this.#parent || parent === '') return;
		if (!this.#isFolder(parent)) {
			this.parents(parent);
			this.#makeFolder(parent, 0o777);
		}
		this.#spellings.meet(parent);
		this.#parent = parent;
	}

	/** A file whose content is at hand. */
	file(path: BytePath, member: Member, content: Buffer): void {
		this.parents(path);
		const fd = this.#create(path, member.mode);
		try {
			if (content.length > 0) this.#files.begin(fd);
			this.#space.made(0, content.length);
			write(fd, { offset: 0, bytes: content });
			this.#finish(fd, path, member);
		} catch (error) {
			closeSync(fd);
			throw error;
		}
		this.#files.close(fd);
	}

	/** A file whose content comes piece by piece. */
	async streamed(path: BytePath, member: Member, content: AsyncIterable<Piece>): Promise<void> {
		this.parents(path);
		const fd = this.#create(path, member.mode);
		try {
			this.#files.begin(fd);
			for await (const piece of content) {
				this.#space.made(0, piece.bytes.length);
				write(fd, piece);
				if (this.#turns.isDue) await this.#turns.take();
			}
			this.#finish(fd, path, member);
		} catch (error) {
			closeSync(fd);
			throw error;
		}
		this.#files.close(fd);
	}

	/** In place: takes away what has the name of a link that is to be made. */
	makeWay(path: BytePath): void {
		if (!this.#inPlace) return;
		try {
			unlinkSync(this.full(path));
		} catch (error) {
			const code = systemErrorCode(error);
			if (code === 'ENOENT') return;
			throw code === 'EISDIR' || code === 'EPERM' ? folderInTheWay(path, error) : error;
		}
	}

	/** Whether a folder is there; throws when something else is that may not be taken away. */
	#isFolder(path: BytePath): boolean {
		try {
			const stats = lstatSync(this.full(path));
			if (stats.isDirectory()) {
				if (this.#inPlace && !IS_ROOT && (stats.mode & 0o700) !== 0o700)
					chmodSync(this.full(path), 0o700);
				return true;
			}
		} catch (error) {
			const code = systemErrorCode(error);
			if (code === 'ENOENT' || (this.#inPlace && code === 'ENOTDIR')) return false;
			throw code === 'ENOTDIR' ? this.#twice(path, error) : error;
		}
		if (!this.#inPlace) throw this.#twice(path);
		unlinkSync(this.full(path));
		return false;
	}

	#makeFolder(path: BytePath, mode: number): void {
		try {
			mkdirSync(this.full(path), { mode });
		} catch (error) {
			if (systemErrorCode(error) !== 'EEXIST') throw error;
			if (!this.#isFolder(path)) mkdirSync(this.full(path), { mode });
		}
		this.#spellings.meet(path);
	}

	#twice(path: BytePath, cause?: unknown): EngineError {
		return this.mergesNames ? mergedNames(path, cause) : twice(path, cause);
	}

	#create(path: BytePath, mode: number): number {
		this.#space.made(1, 0);
		if (this.#inPlace) return openSync(toBuffer(this.#newFile), NEW_FILE, mode & 0o777);
		try {
			return openSync(this.full(path), NEW_FILE, mode & 0o777);
		} catch (error) {
			const code = systemErrorCode(error) ?? '';
			if (!['EEXIST', 'ELOOP', 'EISDIR'].includes(code)) throw error;
			throw this.#twice(path, error);
		}
	}

	#finish(fd: number, path: BytePath, { uid, gid, mode, mtime, sparse, size }: Member): void {
		// A hole at the end: nothing was written there.
		if (sparse !== undefined) ftruncateSync(fd, size);
		const granted = this.#granted;
		if (IS_ROOT && (uid !== granted.uid || gid !== granted.gid)) fchownSync(fd, uid, gid);
		// After the owner: changing it takes setuid away.
		if ((mode & ~granted.mode) !== 0) fchmodSync(fd, mode);
		const time = secondsOf(mtime);
		futimesSync(fd, time, time);
		if (!this.#inPlace) return;
		try {
			renameSync(toBuffer(this.#newFile), this.full(path));
		} catch (error) {
			throw systemErrorCode(error) === 'EISDIR' ? folderInTheWay(path, error) : error;
		}
	}
}

function write(fd: number, { offset, bytes }: Piece): void {
	for (let at = 0; at < bytes.length;) {
		at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
	}
}
