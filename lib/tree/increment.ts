import type { ByteSink } from '../core/index.ts';
import type { BytePath } from './byte-path.ts';
import { DeletionList } from './deletion-list.ts';
import { parseLine } from './index-lines.ts';
import { IndexCursor } from './index-reader.ts';
import type { Member } from './member.ts';
import { liesBelow } from './walk-order.ts';

/** What an incremental archive builds on. */
export interface IncrementBase {
	/** The index of that archive. */
	readonly index: AsyncIterable<Uint8Array>;
	/** Gets what was there and is not any more. */
	readonly deletions: ByteSink;
	/** Whether to read and compare files that look unchanged. */
	readonly comparesContent: boolean;
}

/** What of an incremental archive is new. */
export interface IncrementSummary {
	readonly storedFiles: number;
	/** Of their content. */
	readonly storedBytes: number;
	readonly unchangedFiles: number;
	/** What is to be removed before this archive is extracted; a folder counts once. */
	readonly deletedEntries: number;
}

interface Held {
	readonly path: BytePath;
	readonly member: Member;
}

/** Compares a walk with the index of an earlier archive. */
export class Increment {
	readonly comparesContent: boolean;
	readonly #cursor: IndexCursor;
	readonly #deletions: DeletionList;
	/** Unchanged folders above the entry at hand that are not in this archive, from the top. */
	#held: Held[] = [];
	#storedFiles = 0;
	#storedBytes = 0;
	#unchangedFiles = 0;

	constructor({ index, deletions, comparesContent }: IncrementBase) {
		this.comparesContent = comparesContent;
		this.#deletions = new DeletionList(deletions);
		this.#cursor = new IndexCursor(index, async ({ path }) => await this.#deletions.add(path));
	}

	/** What the earlier index says of this path. Ask for every entry of the walk, in its order. */
	async before(path: BytePath): Promise<string | undefined> {
		return await this.#cursor.seek(path);
	}

	/** The same, if that is known without a wait; `pass` then goes on to the next line. */
	peek(path: BytePath): string | undefined {
		return this.#cursor.peek(path);
	}

	pass(): void {
		this.#cursor.pass();
	}

	/** Whether a line says the same as the head of a new one. */
	isSame(before: string | undefined, head: string, type: Member['type']): before is string {
		if (before === undefined) return false;
		return before.startsWith(type === 'file' ? head : head.slice(0, -1));
	}

	/** A file that is not stored. */
	addUnchanged(): void {
		this.#unchangedFiles++;
	}

	addStored({ type, size }: Member): void {
		if (type !== 'file') return;
		this.#storedFiles++;
		this.#storedBytes += size;
	}

	/** An unchanged folder: stored only when something in it is, whose extraction would change its time. */
	hold(path: BytePath, member: Member): void {
		this.#drop(path);
		this.#held.push({ path, member });
	}

	/** The folders above an entry that is stored, as far as they are not in the archive yet. */
	folders(path: BytePath): readonly Member[] {
		this.#drop(path);
		const members = this.#held.map(({ member }) => member);
		this.#held = [];
		return members;
	}

	/** Something stands in the place of what was there, unless both are of a kind that replaces itself. */
	async replaced(before: string | undefined, type: Member['type'], path: BytePath): Promise<void> {
		if (before === undefined || parseLine(before).type === type) return;
		await this.#deletions.add(path);
	}

	/** It was there and is left out now. */
	async leftOut(before: string | undefined, path: BytePath): Promise<void> {
		if (before !== undefined) await this.#deletions.add(path);
	}

	async end(): Promise<void> {
		await this.#cursor.end();
		await this.#deletions.end();
	}

	async close(): Promise<void> {
		await this.#cursor.close();
	}

	summary(): IncrementSummary {
		return {
			storedFiles: this.#storedFiles,
			storedBytes: this.#storedBytes,
			unchangedFiles: this.#unchangedFiles,
			deletedEntries: this.#deletions.entries,
		};
	}

	#drop(path: BytePath): void {
		while (this.#held.length > 0) {
			const last = this.#held[this.#held.length - 1];
			if (last !== undefined && liesBelow(path, last.path)) return;
			this.#held.pop();
		}
	}
}
