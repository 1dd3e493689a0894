import { readlinkSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';

import {
	type ByteSource,
	type EngineContext,
	EngineError,
	type PathPolicyPort,
} from '../core/index.ts';
import { toText } from './byte-path.ts';
import { WHOLE_FILE_BYTES, openLarge, readWhole } from './file-content.ts';
import { type LinkSummary, LinkSurvey } from './link-survey.ts';
import { type Member, type MemberCounts, MemberTally } from './member.ts';
import { archiveEnd, memberHeader, paddingOf } from './member-header.ts';
import { type TreeEntry, readable, walk } from './walk.ts';

export interface ArchiveOptions {
	/** The folder as it is opened, e.g. `/proc/self/fd/21/.`. */
	readonly root: string;
	/** The folder as the person knows it. */
	readonly displayRoot: string;
}

export type ArchiveContext = EngineContext & { readonly paths: PathPolicyPort };

/** What the manifest records of an archive. Plain data. */
export interface TreeSummary extends MemberCounts, LinkSummary {
	/** The archived folder. */
	readonly root: string;
	/** Of the tar. */
	readonly bytes: number;
	readonly warnings: readonly string[];
}

/** Output is handed on in pieces of about this size. */
const FLUSH_BYTES = 1024 * 1024;
/** The thread looks for a cancel at least after so many entries. */
const ENTRIES_PER_TURN = 64;

class Archiver {
	readonly #options: ArchiveOptions;
	readonly #context: ArchiveContext;
	readonly #tally = new MemberTally();
	readonly #links: LinkSurvey;
	/** First name of every inode with several names. */
	readonly #firstNames = new Map<string, string>();
	#pending: Buffer[] = [];
	#pendingBytes = 0;
	#bytes = 0;
	#ended = false;

	constructor(options: ArchiveOptions, context: ArchiveContext) {
		this.#options = options;
		this.#context = context;
		this.#links = new LinkSurvey(options.displayRoot);
	}

	async *chunks(): AsyncGenerator<Uint8Array> {
		const { paths, signal, progress } = this.#context;
		for await (const entry of walk({ ...this.#options, paths, signal })) {
			yield* this.#entry(entry);
			const { entries } = this.#tally;
			if (entries % ENTRIES_PER_TURN === 0) await immediate();
			progress.report({
				phase: 'archive',
				done: entries,
				unit: 'entries',
				item: toText(entry.path),
			});
		}
		yield* this.#put(archiveEnd(this.#bytes));
		yield this.#flush();
		this.#ended = true;
	}

	summary(): TreeSummary {
		if (!this.#ended) throw new EngineError('internal', 'The archive has not been read to its end');
		const links = this.#links.summary();
		const warnings: string[] = [];
		if (links.linksOutside > 0) {
			warnings.push(
				`${links.linksOutside} symbolic links lead out of the file root: the links are in the archive, what they lead to is not.`,
			);
		}
		const { displayRoot } = this.#options;
		return { root: displayRoot, bytes: this.#bytes, ...this.#tally.counts(), ...links, warnings };
	}

	*#entry(entry: TreeEntry): Generator<Uint8Array> {
		const { stats } = entry;
		if (stats.isFile()) yield* this.#file(entry);
		else if (stats.isDirectory()) yield* this.#member(entry, 'folder');
		else if (stats.isSymbolicLink()) yield* this.#link(entry);
		else throw this.#unsupported(entry);
	}

	*#link(entry: TreeEntry): Generator<Uint8Array> {
		const { path, fullPath } = entry;
		const target = readable(path, this.#options, () => readlinkSync(fullPath, 'buffer'));
		const linkTarget = target.toString('latin1');
		this.#links.add(path, linkTarget, fullPath);
		yield* this.#member(entry, 'symbolicLink', { linkTarget });
	}

	*#file(entry: TreeEntry): Generator<Uint8Array> {
		const { path, stats } = entry;
		if (stats.nlink > 1n) {
			const inode = `${stats.dev}:${stats.ino}`;
			const first = this.#firstNames.get(inode);
			if (first !== undefined) return yield* this.#member(entry, 'hardLink', { linkTarget: first });
			this.#firstNames.set(inode, `./${path}`);
		}
		const whole =
			stats.size > WHOLE_FILE_BYTES
				? undefined
				: readable(path, this.#options, () => readWhole(entry.fullPath, this.#display(path)));
		if (whole === undefined) return yield* this.#largeFile(entry);
		const { content } = whole;
		yield* this.#member({ ...entry, stats: whole.stats }, 'file', { size: content.length });
		yield* this.#put(content);
		yield* this.#put(Buffer.alloc(paddingOf(content.length)));
	}

	*#largeFile(entry: TreeEntry): Generator<Uint8Array> {
		const { path, fullPath } = entry;
		const file = readable(path, this.#options, () => openLarge(fullPath, this.#display(path)));
		try {
			const size = Number(file.stats.size);
			yield* this.#member({ ...entry, stats: file.stats }, 'file', { size });
			const chunks = file.chunks();
			for (;;) {
				const next = readable(path, this.#options, () => chunks.next());
				if (next.done === true) break;
				yield* this.#put(next.value);
			}
			yield* this.#put(Buffer.alloc(paddingOf(size)));
		} finally {
			file.close();
		}
	}

	*#member(
		{ path, stats }: TreeEntry,
		type: Member['type'],
		special: { readonly linkTarget?: string; readonly size?: number } = {},
	): Generator<Uint8Array> {
		const suffix = type === 'folder' ? '/' : '';
		const member: Member = {
			type,
			name: path === '' ? './' : `./${path}${suffix}`,
			linkTarget: special.linkTarget ?? '',
			mode: Number(stats.mode & 0o7777n),
			uid: Number(stats.uid),
			gid: Number(stats.gid),
			mtime: stats.mtimeNs,
			size: special.size ?? 0,
		};
		this.#tally.add(member);
		yield* this.#put(memberHeader(member));
	}

	*#put(bytes: Buffer): Generator<Uint8Array> {
		this.#pending.push(bytes);
		this.#pendingBytes += bytes.length;
		this.#bytes += bytes.length;
		if (this.#pendingBytes >= FLUSH_BYTES) yield this.#flush();
	}

	#flush(): Uint8Array {
		const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
		this.#pending = [];
		this.#pendingBytes = 0;
		return bytes;
	}

	#display(path: string): string {
		return `${this.#options.displayRoot}/${toText(path)}`;
	}

	#unsupported({ path, stats }: TreeEntry): EngineError {
		const kind = stats.isSocket() ? 'a socket' : stats.isFIFO() ? 'a named pipe' : 'a device';
		return new EngineError('tree_entry_unsupported', `${this.#display(path)} is ${kind}`, {
			remedy: 'A file root holds folders, files and links. Remove it, then archive again.',
			details: { path: this.#display(path) },
		});
	}
}

/**
 * Archives a folder as a pax tar with members `./…`: folders, files, symbolic and hard links with their
 * exact targets, modes, owners, and times to the nanosecond. Two archives of the same tree are equal
 * byte for byte.
 *
 * Throws while it is read: `tree_entry_unreadable`, `tree_entry_changed`, `tree_entry_unsupported`,
 * `path_blocked`, `cancelled`.
 */
export async function archiveTree(
	options: ArchiveOptions,
	context: ArchiveContext,
): Promise<ByteSource<TreeSummary>> {
	const archiver = new Archiver(options, context);
	return { chunks: archiver.chunks(), summary: () => archiver.summary() };
}
