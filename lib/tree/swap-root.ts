import {
	type BigIntStats,
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	renameSync,
	rmdirSync,
} from 'node:fs';
import { join } from 'node:path';

import { EngineError } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';
import { namesIn } from './folder-names.ts';
import { displayOf, freeKeptName, isUndone, noneKept } from './kept-roots.ts';
import { removeTree } from './remove-tree.ts';
import { attributesOf, setAttributes } from './root-attributes.ts';
import {
	OWN_NAME,
	type RootPlace,
	type SwapLayout,
	assertSameRoot,
	swapLayout,
} from './root-place.ts';
import { CONTENT, JOURNAL, type SwapJournal, readJournal, writeJournal } from './swap-journal.ts';
import { syncFolder } from './sync-folder.ts';

/*
 * Swaps a root and a folder that is to take its place. Every step can be repeated; a run that was killed
 * is ended by `recover`: beside, it is undone before the first rename and finished after it; inside, it
 * is finished as soon as there is a journal, because what is new was whole before that.
 *
 * A swap is over when its journal is renamed out of the staging folder. It is renamed once more as the
 * last thing that its run does, and stays until the next swap: it tells what the root is.
 */

function inFolder(folder: string, name: BytePath): Buffer {
	return toBuffer(`${fromText(folder)}/${name}`);
}

function statsOf(path: string | Buffer): BigIntStats | undefined {
	return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** The number of an inode alone is given to another folder when this one is removed. */
function identityOf(folder: string): string | undefined {
	const stats = statsOf(folder);
	return stats === undefined ? undefined : `${stats.ino} ${stats.birthtimeNs}`;
}

/** A swap that is over. */
export interface EndedSwap {
	readonly isRollBack: boolean;
	/** What took the root's place; of a restore, its staging folder. */
	readonly from: string;
	/** Where the root from before is. */
	readonly keptPath: string;
}

export class RootSwap {
	#place: RootPlace;
	readonly #layout: SwapLayout;
	readonly #staging: string;

	constructor(place: RootPlace) {
		this.#place = place;
		this.#layout = swapLayout(place);
		this.#staging = this.#at(this.#layout.staging);
	}

	/** The root, as it is opened by now: a swap may have renamed what was opened first. */
	get place(): RootPlace {
		return this.#place;
	}

	get layout(): SwapLayout {
		return this.#layout;
	}

	/** What a killed run left, to be ended by `recover`. */
	get isUnfinished(): boolean {
		return existsSync(this.#staging) || existsSync(this.#at(this.#layout.done));
	}

	/** Whether the root holds nothing but, inside, the journal of the last swap: see `forget`. */
	get isEmpty(): boolean {
		const { way, last } = this.#layout;
		return namesIn(this.#place.path).every((name) => way === 'inside' && name === last);
	}

	/** An empty folder on the root's file system for what is new. */
	makeContent(): string {
		mkdirSync(this.#staging, { mode: 0o700 });
		const content = join(this.#staging, CONTENT);
		mkdirSync(content, { mode: 0o700 });
		// For archives that say nothing of the root itself.
		const root = attributesOf(this.#place.path);
		setAttributes(content, { ...root, mode: root.mode | 0o700 });
		return content;
	}

	/** Ends what a killed run left; says which swap is over by now, and was not told of. */
	recover(): EndedSwap | undefined {
		const journal = readJournal(join(this.#staging, JOURNAL), this.#layout);
		if (journal !== undefined && this.#isBegun(journal)) {
			this.#finish(journal);
			this.#end();
			return this.#ended(journal);
		}
		const done = readJournal(this.#at(this.#layout.done), this.#layout);
		removeTree(this.#staging);
		if (done === undefined) return undefined;
		this.#keepJournal();
		return this.#ended(done);
	}

	/** Puts the content in the place of the root; returns what the old root is called now. */
	replace(): string {
		return this.#swap(`${this.#layout.staging}/${CONTENT}`, 'before');
	}

	/** Puts an older root back; returns what the one until now is called. Throws `path_missing`. */
	rollBack(kept: string): string {
		if (statsOf(this.#at(kept))?.isDirectory() !== true) {
			throw noneKept(displayOf(this.#layout, kept));
		}
		mkdirSync(this.#staging, { mode: 0o700 });
		return this.#swap(kept, 'undone');
	}

	/**
	 * The roll back to this kept root, if it is certain that it was done and that nothing has been put in
	 * its place since.
	 */
	rolledBackTo(kept: string): EndedSwap | undefined {
		const { way, base, name } = this.#layout;
		const swapped = this.#last();
		if (swapped?.from !== kept || existsSync(this.#at(kept)) || this.isEmpty) return undefined;
		const isRoot =
			way === 'beside'
				? identityOf(join(base, name)) === swapped.identity
				: existsSync(this.#at(swapped.keepAs));
		return isRoot ? this.#ended(swapped) : undefined;
	}

	/** Before the root gets its content in another way than by a swap. */
	forget(): void {
		const last = this.#at(this.#layout.last);
		if (!existsSync(last)) return;
		removeTree(last);
		syncFolder(this.#layout.base);
	}

	#at(name: string): string {
		return join(this.#layout.base, name);
	}

	/** Nothing depends on it, so one that is not ours is left alone. */
	#last(): SwapJournal | undefined {
		try {
			return readJournal(this.#at(this.#layout.last), this.#layout);
		} catch {
			return undefined;
		}
	}

	#ended({ from, keepAs }: SwapJournal): EndedSwap {
		return {
			isRollBack: isUndone(this.#layout, keepAs),
			from: displayOf(this.#layout, from),
			keptPath: displayOf(this.#layout, keepAs),
		};
	}

	#entries(): BytePath[] {
		return namesIn(this.#place.path).filter((name) => !OWN_NAME.test(name));
	}

	#swap(from: string, kind: 'before' | 'undone'): string {
		try {
			return this.#carryOut(from, kind);
		} catch (error) {
			const ended = this.recover();
			if (ended === undefined) throw error;
			return ended.keptPath;
		}
	}

	#carryOut(from: string, kind: 'before' | 'undone'): string {
		const { way } = this.#layout;
		assertSameRoot(this.#place, this.#layout);
		const next = this.#at(from);
		if (way === 'inside' || kind === 'before') this.#demandForeign(next);
		const journal: SwapJournal = {
			from,
			keepAs: freeKeptName(this.#layout, kind, this.#last()?.from),
			identity: identityOf(way === 'beside' ? next : this.#place.path) ?? '',
			old: way === 'inside' ? this.#entries() : [],
			before: attributesOf(this.#place.path),
			after: attributesOf(next),
			isEmptied: false,
		};
		writeJournal(this.#staging, journal);
		this.#finish(journal);
		this.#end();
		return displayOf(this.#layout, journal.keepAs);
	}

	/** What becomes the root must not have names that mean something there; an older journal does not. */
	#demandForeign(next: string): void {
		const own = namesIn(next).find((name) => OWN_NAME.test(name) && !name.endsWith('.last'));
		if (own === undefined) return;
		throw new EngineError('tree_entry_unsafe', `The archive has the name '${toText(own)}'`, {
			remedy: 'It was made while an unfinished restore lay in the file root. Remove that there.',
		});
	}

	/** Beside, the name for the old root was free before the first rename; a person may remove it after. */
	#isBegun({ keepAs, identity }: SwapJournal): boolean {
		const { way, base, name } = this.#layout;
		if (way === 'inside' || existsSync(this.#at(keepAs))) return true;
		return identityOf(join(base, name)) === identity;
	}

	#finish(journal: SwapJournal): void {
		if (this.#layout.way === 'beside') this.#finishBeside(journal);
		else this.#finishInside(journal);
	}

	#finishBeside({ from, keepAs }: SwapJournal): void {
		const { base, name } = this.#layout;
		const [root, old, next] = [this.#at(name), this.#at(keepAs), this.#at(from)];
		if (!existsSync(next)) return;
		if (!existsSync(old)) {
			renameSync(root, old);
			syncFolder(base);
		}
		try {
			renameSync(next, root);
		} catch (error) {
			renameSync(old, root);
			throw error;
		}
		syncFolder(base);
		this.#place = { ...this.#place, path: root };
	}

	#finishInside(journal: SwapJournal): void {
		const { base } = this.#layout;
		const [kept, next] = [this.#at(journal.keepAs), this.#at(journal.from)];
		if (!journal.isEmptied) {
			mkdirSync(kept, { recursive: true, mode: 0o700 });
			for (const name of journal.old) {
				const from = inFolder(base, name);
				if (statsOf(from) !== undefined) renameSync(from, inFolder(kept, name));
			}
			syncFolder(kept);
			syncFolder(base);
			writeJournal(this.#staging, { ...journal, isEmptied: true });
		}
		if (existsSync(next)) {
			// Readable and writable for the moves, whatever its mode.
			chmodSync(next, 0o700);
			for (const name of namesIn(next)) renameSync(inFolder(next, name), inFolder(base, name));
			syncFolder(base);
			rmdirSync(next);
		}
		setAttributes(kept, journal.before);
		setAttributes(base, journal.after);
	}

	#end(): void {
		renameSync(join(this.#staging, JOURNAL), this.#at(this.#layout.done));
		syncFolder(this.#layout.base);
		removeTree(this.#staging);
		this.#keepJournal();
	}

	#keepJournal(): void {
		const last = this.#at(this.#layout.last);
		// An archive of others may have brought a folder of this name.
		if (statsOf(last)?.isDirectory() === true) removeTree(last);
		// Not synced: that would be a moment more in which a run may be killed and has not answered.
		renameSync(this.#at(this.#layout.done), last);
	}
}
