import { closeSync, fsync, ftruncateSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';

import { syncFolder } from './sync-folder.ts';

/*
 * A file that was closed is on its way to the disk for half a minute; a power cut leaves it empty.
 * Node.js cannot sync a whole file system, and a sync of each of many small files takes longer than all
 * the rest. So on ext4 as it is mounted by default, files are marked as overwritten ones: it then finds
 * them their blocks when they are closed, and writes those before it commits the folder that names them
 * (its mount option auto_da_alloc, with data=ordered). Everywhere else each file is synced.
 */

/** More than the threads of Node.js work on at once: the file system commits neighbours together. */
const UNDER_WAY_MAX = 64;
const NEEDED_OPTIONS = ['auto_da_alloc', 'barrier', 'data=ordered'];

/** Whether a commit of the file system of this folder waits for the content of closed files. */
function isOrdered(folder: string): boolean {
	try {
		const { dev } = statSync(folder);
		// As Linux packs the two numbers of a device.
		const major = ((dev >>> 8) & 0xfff) | 0;
		const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
		const device = basename(realpathSync(`/sys/dev/block/${major}:${minor}`));
		const options = readFileSync(`/proc/fs/ext4/${device}/options`, 'utf8').split('\n');
		return NEEDED_OPTIONS.every((option) => options.includes(option));
	} catch {
		return false;
	}
}

/** Sees to it that what was written is on the disk, many files at a time. */
export class DurableFiles {
	readonly #folder: string;
	readonly #way: 'not' | 'ordered' | 'each';
	#underWay = 0;
	#failure: Error | undefined;
	#wake: (() => void) | undefined;

	/** All files lie below `folder`. Without `isOn` the system writes them when it likes. */
	constructor(folder: string, isOn: boolean) {
		this.#folder = folder;
		this.#way = !isOn ? 'not' : isOrdered(folder) ? 'ordered' : 'each';
	}

	/** For an empty file, before anything is written to it. */
	begin(fd: number): void {
		if (this.#way === 'ordered') ftruncateSync(fd, 0);
	}

	/** Takes a file over that is written. */
	close(fd: number): void {
		if (this.#way !== 'each') return closeSync(fd);
		this.#underWay++;
		fsync(fd, (error) => {
			closeSync(fd);
			this.#underWay--;
			this.#failure ??= error ?? undefined;
			this.#wake?.();
		});
	}

	/** For a folder whose entries are all made. */
	folder(path: Buffer): void {
		if (this.#way === 'each') syncFolder(path);
	}

	get isFull(): boolean {
		return this.#underWay >= UNDER_WAY_MAX;
	}

	/** Waits until half of the files under way are closed. Throws what happened to any of them. */
	async room(): Promise<void> {
		await this.#until(UNDER_WAY_MAX / 2);
		if (this.#failure !== undefined) throw this.#failure;
	}

	/** Waits until everything is on the disk. */
	async ended(): Promise<void> {
		await this.#until(0);
		if (this.#failure !== undefined) throw this.#failure;
		if (this.#way === 'ordered') syncFolder(this.#folder);
	}

	async #until(count: number): Promise<void> {
		while (this.#underWay > count) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}
}
