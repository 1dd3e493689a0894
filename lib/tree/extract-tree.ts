import { chmodSync, chownSync, lstatSync, utimesSync } from 'node:fs';

import { type EngineContext, fileError, throwIfAborted } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';
import { DeferredLinks, LinkMaker } from './deferred-links.ts';
import { DurableFiles } from './durable-files.ts';
import { CountGuard, type ExpectedCounts, type MemberLimits } from './expected-counts.ts';
import { type ExtractReport, attributeWarnings, ownerWarnings } from './extract-report.ts';
import { secondsOf } from './file-times.ts';
import { FolderLog, type LoggedFolder } from './folder-log.ts';
import { SpaceWatch } from './free-space.ts';
import { LinkSurvey } from './link-survey.ts';
import { type Member, MemberTally } from './member.ts';
import { MemberChanger, type MemberChanges } from './member-changes.ts';
import type { MemberChoice } from './member-choice.ts';
import { MemberLayout } from './member-layout.ts';
import { IS_ROOT, MY_UID, NewEntries } from './new-entries.ts';
import { StagingFolder, type Target, clearStagings, clearUnfinished } from './staging-folder.ts';
import { type ReadMember, TarReader } from './tar-reader.ts';
import { Turns } from './turns.ts';

export interface ExtractOptions {
	/** An existing folder, empty but for what a killed restore left; or, in place, with any content. */
	readonly target: string;
	readonly displayTarget: string;
	/** The tar, decompressed. */
	readonly chunks: AsyncIterable<Uint8Array>;
	/** What the archive must hold. */
	readonly expected?: ExpectedCounts;
	readonly limits?: MemberLimits;
	readonly changes?: MemberChanges;
	/** What of the archive is wanted. Default: everything. */
	readonly choice?: MemberChoice;
	/**
	 * Whether entries are made where they belong, one replacing what is there, without a staging folder.
	 * Default: false.
	 */
	readonly inPlace?: boolean;
	/** Whether every file and folder is on the disk, not only on its way there, at the end. Default: true. */
	readonly durable?: boolean;
}

const ENTRIES_PER_REPORT = 256;

class Extractor {
	readonly #options: ExtractOptions;
	readonly #context: EngineContext;
	readonly #staging: StagingFolder;
	readonly #turns: Turns;
	readonly #files: DurableFiles;
	readonly #entries: NewEntries;
	readonly #links: DeferredLinks;
	readonly #folders: FolderLog;
	readonly #layout = new MemberLayout();
	readonly #seen = new MemberTally();
	readonly #made = new MemberTally();
	readonly #guard: CountGuard;
	readonly #changer: MemberChanger;
	readonly #survey: LinkSurvey;
	#rootFolder: LoggedFolder | undefined;
	#withAttributes = 0;
	#foreignOwners = 0;

	constructor(options: ExtractOptions, context: EngineContext, staging: StagingFolder) {
		const { target, displayTarget, inPlace = false, durable = true } = options;
		this.#options = options;
		this.#context = context;
		this.#staging = staging;
		this.#turns = new Turns(context.signal);
		this.#files = new DurableFiles(target, durable);
		this.#entries = new NewEntries({
			root: fromText(inPlace ? target : staging.content),
			workshop: staging.path,
			inPlace,
			files: this.#files,
			space: new SpaceWatch(target, displayTarget),
			turns: this.#turns,
		});
		this.#guard = new CountGuard(this.#seen, options.expected, options.limits);
		this.#changer = new MemberChanger(options.changes);
		this.#survey = new LinkSurvey(displayTarget);
		this.#links = new DeferredLinks(staging.file('links'));
		this.#folders = new FolderLog(staging.file('folders'));
	}

	/** Makes everything but rights and times of folders. */
	async build(): Promise<void> {
		try {
			await this.#extract();
			await new LinkMaker(this.#entries, this.#turns).make(this.#links);
			await this.#surveyLinks();
		} finally {
			await this.#files.ended();
		}
		this.#guard.end();
		await this.#turns.take();
	}

	/** Moves what was built to where it belongs. */
	async commit(): Promise<void> {
		if (this.#options.inPlace !== true) this.#staging.moveUp();
		await this.#finishFolders();
	}

	close(): void {
		this.#links.close();
		this.#folders.close();
	}

	/** After the commit, or instead of it. */
	report(clearedUnfinished: boolean): ExtractReport {
		const { danglingLinks, danglingLinkExamples } = this.#survey.summary();
		return {
			...this.#made.counts(),
			layout: this.#layout.layout,
			danglingLinks,
			danglingLinkExamples,
			rewrittenLinks: this.#changer.rewrittenLinks,
			clearedUnfinished,
			warnings: [...attributeWarnings(this.#withAttributes), ...ownerWarnings(this.#foreignOwners)],
		};
	}

	async #extract(): Promise<void> {
		for await (const read of new TarReader(this.#options.chunks).members()) {
			if (this.#turns.isDue) await this.#turns.take();
			this.#seen.add(read.member);
			this.#guard.check();
			const path = this.#wantedPath(read.member);
			const member = this.#changer.changed(read.member);
			if (path === undefined) {
				// Folders above what was chosen are made when they are needed, and get their rights at the end.
				if (member.type === 'folder')
					this.#folders.add({ ...member, path: this.#layout.pathOf(member.name) });
				continue;
			}
			this.#count(read, member);
			if (member.type === 'file') await this.#file(path, member, read);
			else this.#other(path, member);
			const done = this.#made.entries;
			if (done % ENTRIES_PER_REPORT !== 1) continue;
			this.#context.progress.report({
				phase: 'extract',
				done,
				unit: 'entries',
				item: toText(path),
			});
		}
	}

	#count({ hasAttributes, member: { type, size } }: ReadMember, { uid }: Member): void {
		this.#made.add({ type, size });
		if (hasAttributes) this.#withAttributes++;
		if (!IS_ROOT && uid !== MY_UID) this.#foreignOwners++;
	}

	/** Where a member belongs, if it is wanted. */
	#wantedPath({ name, type }: Member): BytePath | undefined {
		const path = this.#layout.pathOf(name);
		const { choice } = this.#options;
		if (choice === undefined || choice.takes(path, type === 'folder')) return path;
		return type === 'file' ? choice.aliasOf(path) : undefined;
	}

	async #file(path: BytePath, member: Member, { now, content }: ReadMember): Promise<void> {
		const whole = now();
		if (whole === undefined) await this.#entries.streamed(path, member, content());
		else this.#entries.file(path, member, whole);
		if (this.#files.isFull) await this.#files.room();
	}

	#other(path: BytePath, { type, linkTarget, mode, uid, gid, mtime }: Member): void {
		if (type === 'folder') {
			this.#entries.folder(path);
			const folder = { path, mode, uid, gid, mtime };
			if (path === '') this.#rootFolder = folder;
			else this.#folders.add(folder);
			return;
		}
		if (type === 'file') return;
		const target = type === 'hardLink' ? this.#content(linkTarget) : linkTarget;
		if (type === 'hardLink' && target === path) return;
		this.#entries.parents(path);
		this.#links.add({ type, path, target, uid, gid, mtime: String(mtime) });
	}

	/** Under which path the file is that a hard link is a second name of. */
	#content(linkTarget: BytePath): BytePath {
		const target = this.#layout.pathOf(linkTarget);
		return this.#options.choice?.aliasOf(target) ?? target;
	}

	/** When all are made: a link may lead to another. */
	async #surveyLinks(): Promise<void> {
		for await (const { path, target } of this.#links.links('symbolicLink')) {
			this.#survey.add(path, target, this.#entries.full(path));
			if (this.#turns.isDue) await this.#turns.take();
		}
	}

	async #finishFolders(): Promise<void> {
		const { target, choice } = this.#options;
		const base = fromText(target);
		for (const { path, mode, uid, gid, mtime } of this.#folders.reversed()) {
			const full = toBuffer(`${base}/${path}`);
			if (choice !== undefined && !isFolder(full)) continue;
			this.#files.folder(full);
			if (IS_ROOT) chownSync(full, uid, gid);
			chmodSync(full, mode);
			utimesSync(full, secondsOf(mtime), secondsOf(mtime));
			// From here on a cancel would come too late.
			if (this.#turns.isDue) await this.#turns.pass();
		}
	}

	/**
	 * Owner, rights and time of the target itself, after the staging folder in it is gone. It may be a
	 * mount point of somebody else's: that is worth a warning, not a failure.
	 */
	finishTarget(): string[] {
		if (this.#rootFolder === undefined || this.#options.choice !== undefined) return [];
		const { uid, gid, mode, mtime } = this.#rootFolder;
		const { target, displayTarget } = this.#options;
		try {
			if (IS_ROOT) chownSync(target, uid, gid);
			chmodSync(target, mode);
			utimesSync(target, secondsOf(mtime), secondsOf(mtime));
			return [];
		} catch {
			return [`Owner, rights and time of ${displayTarget} itself could not be set.`];
		}
	}
}

function isFolder(path: Buffer): boolean {
	return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Extracts an archive into an empty folder. Symbolic links get their exact targets; nothing is written
 * through a link or outside of the target. On any failure the target is as empty as before.
 *
 * In place, each entry replaces what is there, and what the archive lacks stays: a failure leaves a mix.
 *
 * Owners are set when the process is root. Throws `path_not_empty`, `path_exists`, `disk_full` and the
 * path codes, `tree_entry_unsafe`, `tree_entry_unsupported`, `tree_verify_failed`, `limit_exceeded`,
 * `artifact_truncated`, `artifact_corrupt`, `cancelled`.
 */
export async function extractTree(
	options: ExtractOptions,
	context: EngineContext,
): Promise<ExtractReport> {
	throwIfAborted(context.signal);
	const target: Target = { path: options.target, displayPath: options.displayTarget };
	let staging: StagingFolder | undefined;
	let extractor: Extractor | undefined;
	try {
		const cleared = options.inPlace === true ? clearStagings(target) : clearUnfinished(target);
		staging = new StagingFolder(target);
		extractor = new Extractor(options, context, staging);
		await extractor.build();
		await extractor.commit();
		staging.remove();
		const report = extractor.report(cleared);
		return { ...report, warnings: [...report.warnings, ...extractor.finishTarget()] };
	} catch (error) {
		staging?.undo();
		throw fileError(error, options.displayTarget);
	} finally {
		extractor?.close();
	}
}

/**
 * Extracts an archive into an empty folder as `extractTree` does, lets somebody look at it, and removes
 * it. Rights and times of folders are not set.
 */
export async function rehearseTree(
	options: ExtractOptions,
	context: EngineContext,
	look: (root: string) => Promise<void>,
): Promise<ExtractReport> {
	throwIfAborted(context.signal);
	const target: Target = { path: options.target, displayPath: options.displayTarget };
	let staging: StagingFolder | undefined;
	let extractor: Extractor | undefined;
	try {
		const cleared = clearUnfinished(target);
		staging = new StagingFolder(target);
		extractor = new Extractor(options, context, staging);
		await extractor.build();
		await look(staging.content);
		return extractor.report(cleared);
	} catch (error) {
		throw fileError(error, options.displayTarget);
	} finally {
		extractor?.close();
		staging?.undo();
	}
}
