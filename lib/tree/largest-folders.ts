import { type BytePath, parentOf, toText } from './byte-path.ts';

export interface FolderSize {
	/** Below the root; `.` is the root itself. */
	readonly path: string;
	/** Of all files in it and below. */
	readonly bytes: number;
	readonly files: number;
}

const FOLDERS_MAX = 20;

interface Open {
	readonly path: BytePath;
	bytes: number;
	files: number;
}

/** The largest folders of a tree that passes in order, parents before what they contain. */
export class LargestFolders {
	/** The folders that the walk is in, outermost first. */
	readonly #open: Open[] = [];
	#largest: FolderSize[] = [];

	enter(path: BytePath): void {
		this.#leaveUntil(path === '' ? undefined : parentOf(path));
		this.#open.push({ path, bytes: 0, files: 0 });
	}

	addFile(path: BytePath, bytes: number): void {
		this.#leaveUntil(parentOf(path));
		const folder = this.#open.at(-1);
		if (folder === undefined) return;
		folder.bytes += bytes;
		folder.files++;
	}

	/** Largest first; to be called at the end. */
	result(): readonly FolderSize[] {
		this.#leaveUntil(undefined);
		return this.#largest;
	}

	#leaveUntil(path: BytePath | undefined): void {
		for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
			if (folder.path === path) return;
			this.#open.pop();
			const parent = this.#open.at(-1);
			if (parent !== undefined) {
				parent.bytes += folder.bytes;
				parent.files += folder.files;
			}
			this.#offer(folder);
		}
	}

	#offer({ path, bytes, files }: Open): void {
		const isSmall =
			this.#largest.length === FOLDERS_MAX && bytes <= (this.#largest.at(-1)?.bytes ?? 0);
		if (isSmall) return;
		const named = { path: path === '' ? '.' : toText(path), bytes, files };
		this.#largest = [...this.#largest, named]
			.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
			.slice(0, FOLDERS_MAX);
	}
}
