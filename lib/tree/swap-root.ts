import {
	chmodSync,
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	renameSync,
	rmSync,
	rmdirSync,
	utimesSync,
} from 'node:fs';
import { join } from 'node:path';

import { EngineError, systemErrorCode } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';
import {
	OWN_NAME,
	type RootPlace,
	type SwapLayout,
	assertSameRoot,
	swapLayout,
} from './root-place.ts';
import {
	type RootAttributes,
	type SwapJournal,
	readJournal,
	writeJournal,
} from './swap-journal.ts';
import { syncFolder } from './sync-folder.ts';

/*
 * Swaps a root and a folder that is to take its place. Every step can be repeated; a run that was killed
 * is ended by `recover`: beside, it is undone before the first rename and finished after it; inside, it
 * is finished as soon as there is a journal, because what is new was whole before that.
 */

const CONTENT = 'content';

function inFolder(folder: string, name: BytePath): Buffer {
	return toBuffer(`${fromText(folder)}/${name}`);
}

function entriesOf(folder: string): BytePath[] {
	return readdirSync(folder, 'buffer').map((name) => name.toString('latin1'));
}

function isThere(path: Buffer): boolean {
	try {
		lstatSync(path);
		return true;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return false;
		throw error;
	}
}

function attributesOf(folder: string): RootAttributes {
	const { mode, uid, gid, mtimeMs } = lstatSync(folder);
	return { mode: mode & 0o7777, uid, gid, mtime: mtimeMs / 1000 };
}

/** As far as this process may: the folder may be a mount point of somebody else's. */
function setAttributes(folder: string, { mode, uid, gid, mtime }: RootAttributes): void {
	for (const set of [
		() => chownSync(folder, uid, gid),
		() => chmodSync(folder, mode),
		() => utimesSync(folder, mtime, mtime),
	]) {
		try {
			set();
		} catch {
			// Then it keeps what it has.
		}
	}
}

function timestamp(): string {
	return new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** A swap that a killed run had begun, and that was finished after it. */
export interface EndedSwap {
	readonly isRollBack: boolean;
	/** What took the root's place; of a restore, its staging folder. */
	readonly from: string;
	/** Where the root from before is. */
	readonly keptPath: string;
}

export class RootSwap {
	readonly #place: RootPlace;
	readonly #layout: SwapLayout;
	readonly #staging: string;

	constructor(place: RootPlace) {
		this.#place = place;
		this.#layout = swapLayout(place);
		this.#staging = join(this.#layout.base, this.#layout.staging);
	}

	/** The lock file that a run holds from `recover` on. */
	get lockFile(): string {
		return this.#layout.lock;
	}

	get way(): SwapLayout['way'] {
		return this.#layout.way;
	}

	/** What a killed run left, to be ended by `recover`. */
	get isUnfinished(): boolean {
		return existsSync(this.#staging);
	}

	/** Whether the root holds anything. */
	get isEmpty(): boolean {
		return entriesOf(this.#place.path).length === 0;
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

	/** Before a swap: as if nothing had been. */
	discard(): void {
		rmSync(this.#staging, { recursive: true, force: true });
	}

	/** Ends what a killed run left; says what that put into place. */
	recover(): EndedSwap | undefined {
		if (!this.isUnfinished) return undefined;
		const journal = readJournal(this.#staging);
		const isBegun = journal !== undefined && this.#isBegun(journal);
		if (isBegun) this.#finish(journal);
		this.discard();
		if (!isBegun) return undefined;
		const isRollBack = journal.keepAs.startsWith(`${this.#layout.keptPrefix}undone-`);
		return {
			isRollBack,
			from: this.displayOf(journal.from),
			keptPath: this.displayOf(journal.keepAs),
		};
	}

	/** Puts the content in the place of the root; returns what the old root is called now. */
	replace(): string {
		return this.#swap(`${this.#layout.staging}/${CONTENT}`, 'before');
	}

	/** The older root that was kept last. Throws `path_missing`. */
	newestKept(): string {
		const { base, keptPrefix, displayPrefix } = this.#layout;
		const first = fromText(`${keptPrefix}before-`);
		const names = entriesOf(base)
			.filter(
				(name) => name.startsWith(first) && /^\d{8}T\d{6}Z(-\d+)?$/.test(name.slice(first.length)),
			)
			.sort();
		const newest = names.at(-1);
		if (newest !== undefined) return toText(newest);
		throw new EngineError('path_missing', `There is no ${displayPrefix}before-… to roll back to`, {
			remedy:
				'Only a restore that replaced a file root keeps the old one, until somebody removes it.',
			details: { path: this.#place.displayPath },
		});
	}

	/** Puts an older root back; returns what the one until now is called. */
	rollBack(kept: string): string {
		mkdirSync(this.#staging, { mode: 0o700 });
		return this.#swap(kept, 'undone');
	}

	displayOf(kept: string): string {
		return `${this.#layout.displayPrefix}${kept.slice(this.#layout.keptPrefix.length)}`;
	}

	#entries(): BytePath[] {
		return entriesOf(this.#place.path).filter((name) => !OWN_NAME.test(name));
	}

	#swap(from: string, kind: 'before' | 'undone'): string {
		assertSameRoot(this.#place, this.#layout);
		const keepAs = this.#freeName(`${this.#layout.keptPrefix}${kind}-${timestamp()}`);
		const journal: SwapJournal = {
			from,
			keepAs,
			old: this.#layout.way === 'inside' ? this.#entries() : [],
			before: attributesOf(this.#place.path),
			after: attributesOf(join(this.#layout.base, from)),
			isEmptied: false,
		};
		const own = entriesOf(join(this.#layout.base, from)).find((name) => OWN_NAME.test(name));
		if (own !== undefined) {
			throw new EngineError('tree_entry_unsafe', `The archive has the name '${toText(own)}'`, {
				remedy: 'It was made while an unfinished restore lay in the file root. Remove that there.',
			});
		}
		writeJournal(this.#staging, journal);
		this.#finish(journal);
		this.discard();
		return this.displayOf(keepAs);
	}

	#freeName(name: string): string {
		const taken = (candidate: string): boolean => existsSync(join(this.#layout.base, candidate));
		let free = name;
		for (let number = 2; taken(free); number++) free = `${name}-${number}`;
		return free;
	}

	/** Beside, the name for the old root was free before the first rename. */
	#isBegun({ keepAs }: SwapJournal): boolean {
		return this.#layout.way === 'inside' || existsSync(join(this.#layout.base, keepAs));
	}

	#finish(journal: SwapJournal): void {
		if (this.#layout.way === 'beside') this.#finishBeside(journal);
		else this.#finishInside(journal);
	}

	#finishBeside({ from, keepAs }: SwapJournal): void {
		const { base, name } = this.#layout;
		const [root, old, next] = [name, keepAs, from].map((entry) => join(base, entry));
		if (root === undefined || old === undefined || next === undefined || !existsSync(next)) return;
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
	}

	#finishInside(journal: SwapJournal): void {
		const { base } = this.#layout;
		const [kept, next] = [join(base, journal.keepAs), join(base, journal.from)];
		if (!journal.isEmptied) {
			mkdirSync(kept, { recursive: true, mode: 0o700 });
			for (const name of journal.old) {
				const from = inFolder(base, name);
				if (isThere(from)) renameSync(from, inFolder(kept, name));
			}
			syncFolder(kept);
			syncFolder(base);
			writeJournal(this.#staging, { ...journal, isEmptied: true });
		}
		if (existsSync(next)) {
			// Readable and writable for the moves, whatever its mode.
			chmodSync(next, 0o700);
			for (const name of entriesOf(next)) renameSync(inFolder(next, name), inFolder(base, name));
			syncFolder(base);
			rmdirSync(next);
		}
		setAttributes(kept, journal.before);
		setAttributes(base, journal.after);
	}
}
