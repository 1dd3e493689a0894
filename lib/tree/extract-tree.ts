import {
	chmodSync,
	chownSync,
	closeSync,
	constants,
	fchmodSync,
	fchownSync,
	ftruncateSync,
	futimesSync,
	lstatSync,
	mkdirSync,
	openSync,
	utimesSync,
	writeSync,
} from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';

import {
	type EngineContext,
	EngineError,
	fileError,
	systemErrorCode,
	throwIfAborted,
} from '../core/index.ts';
import { type BytePath, fromText, parentOf, toBuffer, toText } from './byte-path.ts';
import type { ArchiveCheck } from './check-archive.ts';
import { DeferredLinks, makeLink } from './deferred-links.ts';
import { secondsOf } from './file-times.ts';
import { LinkSurvey } from './link-survey.ts';
import { type Member, type MemberCounts, MemberTally } from './member.ts';
import { MemberChanger, type MemberChanges } from './member-changes.ts';
import { type Layout, MemberLayout } from './member-layout.ts';
import { StagingFolder, type Target, clearUnfinished } from './staging-folder.ts';
import { type Piece, type ReadMember, TarReader } from './tar-reader.ts';

export interface ExtractOptions {
	/** An existing folder, empty but for what a killed restore left. */
	readonly target: string;
	readonly displayTarget: string;
	/** The tar, decompressed. */
	readonly chunks: AsyncIterable<Uint8Array>;
	/** What `checkArchive` found in the same archive. */
	readonly expected?: ArchiveCheck;
	readonly changes?: MemberChanges;
}

export interface ExtractReport extends MemberCounts {
	readonly layout: Layout;
	/** Links whose targets do not exist here, and the first of them as `path → target`. */
	readonly danglingLinks: number;
	readonly danglingLinkExamples: readonly string[];
	/** Links whose targets were changed as asked. */
	readonly rewrittenLinks: number;
	/** True when the remains of a killed restore were removed first. */
	readonly clearedUnfinished: boolean;
	readonly warnings: readonly string[];
}

const ENTRIES_PER_TURN = 64;
const NEW_FILE =
	constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
const MY_UID = process.getuid?.();
const IS_ROOT = MY_UID === 0;

type Folder = Pick<Member, 'mode' | 'uid' | 'gid' | 'mtime'> & { readonly path: BytePath };

class Extractor {
	readonly #options: ExtractOptions;
	readonly #context: EngineContext;
	readonly #staging: StagingFolder;
	readonly #root: BytePath;
	readonly #links: DeferredLinks;
	readonly #layout = new MemberLayout();
	readonly #tally = new MemberTally();
	/** Rights and times of folders are set last: making what they contain would change them. */
	readonly #folders: Folder[] = [];
	readonly #changer: MemberChanger;
	readonly #survey: LinkSurvey;
	#withAttributes = 0;
	#foreignOwners = 0;

	constructor(options: ExtractOptions, context: EngineContext, staging: StagingFolder) {
		this.#options = options;
		this.#context = context;
		this.#staging = staging;
		this.#root = fromText(staging.content);
		this.#changer = new MemberChanger(options.changes);
		this.#survey = new LinkSurvey(options.displayTarget);
		this.#links = new DeferredLinks(staging.file('links'));
	}

	warnings(): string[] {
		return [...attributeWarnings(this.#withAttributes), ...ownerWarnings(this.#foreignOwners)];
	}

	links(): Pick<ExtractReport, 'danglingLinks' | 'danglingLinkExamples' | 'rewrittenLinks'> {
		const { danglingLinks, danglingLinkExamples } = this.#survey.summary();
		return { danglingLinks, danglingLinkExamples, rewrittenLinks: this.#changer.rewrittenLinks };
	}

	async run(): Promise<MemberCounts & { readonly layout: Layout }> {
		const { signal, progress } = this.#context;
		try {
			for await (const read of new TarReader(this.#options.chunks).members()) {
				throwIfAborted(signal);
				const path = this.#layout.pathOf(read.member.name);
				const member = this.#changer.changed(read.member);
				if (!IS_ROOT && member.uid !== MY_UID) this.#foreignOwners++;
				await this.#member(path, { ...read, member });
				this.#tally.add(read.member);
				if (read.hasAttributes) this.#withAttributes++;
				const done = this.#tally.entries;
				if (done % ENTRIES_PER_TURN !== 1) continue;
				await immediate();
				progress.report({ phase: 'extract', done, unit: 'entries', item: toText(path) });
			}
			await this.#makeLinks();
		} finally {
			this.#links.close();
		}
		this.#verify();
		throwIfAborted(signal);
		this.#staging.moveUp();
		this.#finishFolders();
		return { ...this.#tally.counts(), layout: this.#layout.layout };
	}

	async #member(path: BytePath, { member, content }: ReadMember): Promise<void> {
		switch (member.type) {
			case 'folder':
				return this.#folder(path, member);
			case 'file':
				return await this.#file(path, member, content());
			case 'symbolicLink':
			case 'hardLink': {
				const { type, linkTarget, uid, gid, mtime } = member;
				const target = type === 'hardLink' ? this.#layout.pathOf(linkTarget) : linkTarget;
				this.#makeParents(path);
				return this.#links.add({ type, path, target, uid, gid, mtime: String(mtime) });
			}
		}
	}

	#full(path: BytePath): Buffer {
		return toBuffer(path === '' ? this.#root : `${this.#root}/${path}`);
	}

	#folder(path: BytePath, { mode, uid, gid, mtime }: Member): void {
		this.#makeParents(path);
		if (path !== '') this.#makeFolder(path);
		this.#folders.push({ path, mode, uid, gid, mtime });
	}

	/** Archives may leave folders out that their members lie in. */
	#makeParents(path: BytePath): void {
		const parent = parentOf(path);
		if (parent === '') return;
		try {
			if (lstatSync(this.#full(parent)).isDirectory()) return;
		} catch (error) {
			if (systemErrorCode(error) !== 'ENOENT') throw collision(parent, error);
			this.#makeParents(parent);
			this.#makeFolder(parent);
			return;
		}
		throw collision(parent);
	}

	#makeFolder(path: BytePath): void {
		try {
			mkdirSync(this.#full(path), { mode: 0o700 });
		} catch (error) {
			const exists = systemErrorCode(error) === 'EEXIST';
			if (exists && lstatSync(this.#full(path)).isDirectory()) return;
			throw exists ? collision(path, error) : error;
		}
	}

	async #file(path: BytePath, member: Member, content: AsyncIterable<Piece>): Promise<void> {
		this.#makeParents(path);
		const fd = this.#create(path);
		try {
			for await (const { offset, bytes } of content) {
				throwIfAborted(this.#context.signal);
				for (let at = 0; at < bytes.length;) {
					at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
				}
			}
			// A hole at the end: nothing was written there.
			if (member.sparse !== undefined) ftruncateSync(fd, member.size);
			if (IS_ROOT) fchownSync(fd, member.uid, member.gid);
			// After the owner: changing it takes setuid away.
			fchmodSync(fd, member.mode);
			const mtime = secondsOf(member.mtime);
			futimesSync(fd, mtime, mtime);
		} finally {
			closeSync(fd);
		}
	}

	#create(path: BytePath): number {
		try {
			return openSync(this.#full(path), NEW_FILE, 0o600);
		} catch (error) {
			if (['EEXIST', 'ELOOP', 'EISDIR'].includes(systemErrorCode(error) ?? '')) {
				throw collision(path, error);
			}
			throw error;
		}
	}

	async #makeLinks(): Promise<void> {
		let made = 0;
		// Symbolic links first: a hard link may be a second name of one.
		for (const type of ['symbolicLink', 'hardLink'] as const) {
			for await (const link of this.#links.links()) {
				if (link.type !== type) continue;
				throwIfAborted(this.#context.signal);
				makeLink(this.#root, link, IS_ROOT);
				if (++made % ENTRIES_PER_TURN === 0) await immediate();
			}
		}
		// When all are made: a link may lead to another.
		for await (const { type, path, target } of this.#links.links()) {
			if (type === 'symbolicLink') this.#survey.add(path, target, this.#full(path));
			if (++made % ENTRIES_PER_TURN === 0) await immediate();
		}
	}

	#verify(): void {
		const { expected } = this.#options;
		if (expected === undefined) return;
		const found = this.#tally.counts();
		const keys = ['files', 'folders', 'symbolicLinks', 'hardLinks', 'contentBytes'] as const;
		const different = keys.find((key) => found[key] !== expected[key]);
		if (different === undefined) return;
		throw new EngineError(
			'tree_verify_failed',
			`The archive changed while it was restored: ${found[different]} instead of ${expected[different]} (${different})`,
			{ remedy: 'Restore from a copy that nobody writes to.' },
		);
	}

	#finishFolders(): void {
		const base = fromText(this.#options.target);
		for (const { path, mode, uid, gid, mtime } of this.#folders.reverse()) {
			if (path === '') continue;
			const full = toBuffer(`${base}/${path}`);
			if (IS_ROOT) chownSync(full, uid, gid);
			chmodSync(full, mode);
			utimesSync(full, secondsOf(mtime), secondsOf(mtime));
		}
	}

	/**
	 * Owner, rights and time of the target itself, after the staging folder in it is gone. It may be a
	 * mount point of somebody else's: that is worth a warning, not a failure.
	 */
	finishTarget(): string[] {
		const root = this.#folders.find(({ path }) => path === '');
		if (root === undefined) return [];
		const { target, displayTarget } = this.#options;
		try {
			if (IS_ROOT) chownSync(target, root.uid, root.gid);
			chmodSync(target, root.mode);
			utimesSync(target, secondsOf(root.mtime), secondsOf(root.mtime));
			return [];
		} catch {
			return [`Owner, rights and time of ${displayTarget} itself could not be set.`];
		}
	}
}

function attributeWarnings(count: number): string[] {
	if (count === 0) return [];
	return [
		`${count} entries have extended attributes, access lists or security labels in the archive, which were not restored: GNU tar does it with --xattrs --acls --selinux.`,
	];
}

function ownerWarnings(count: number): string[] {
	if (count === 0) return [];
	return [
		`${count} entries belong to the account that runs n8n now, not to the owner in the archive: only root can set owners.`,
	];
}

function collision(path: BytePath, cause?: unknown): EngineError {
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

/**
 * Extracts an archive into an empty folder. Symbolic links get their exact targets; nothing is written
 * through a link or outside of the target. On any failure the target is as empty as before.
 *
 * Owners are set when the process is root. Throws `path_not_empty`, `disk_full` and the path codes,
 * `tree_entry_unsafe`, `tree_entry_unsupported`, `tree_verify_failed`, `artifact_truncated`,
 * `artifact_corrupt`, `cancelled`.
 */
export async function extractTree(
	options: ExtractOptions,
	context: EngineContext,
): Promise<ExtractReport> {
	throwIfAborted(context.signal);
	const target: Target = { path: options.target, displayPath: options.displayTarget };
	let staging: StagingFolder | undefined;
	try {
		const clearedUnfinished = clearUnfinished(target);
		staging = new StagingFolder(target);
		const extractor = new Extractor(options, context, staging);
		const counts = await extractor.run();
		staging.remove();
		const warnings = [...extractor.warnings(), ...extractor.finishTarget()];
		return { ...counts, ...extractor.links(), clearedUnfinished, warnings };
	} catch (error) {
		staging?.undo();
		throw fileError(error, options.displayTarget);
	}
}
