import {
	type BigIntStats,
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	readSync,
	readlinkSync,
} from 'node:fs';

import { type EngineContext, EngineError, systemErrorCode } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';
import type { Member, MemberType } from './member.ts';
import { MemberChanger, type MemberChanges } from './member-changes.ts';
import { MemberLayout } from './member-layout.ts';
import { IS_ROOT } from './new-entries.ts';
import { type Piece, type ReadMember, TarReader } from './tar-reader.ts';
import { Turns } from './turns.ts';

/** How exactly Node.js sets times. */
const TIME_TOLERANCE_NS = 1000n;
const ENTRIES_PER_REPORT = 256;

export interface CompareOptions {
	/** The tar, decompressed. */
	readonly chunks: AsyncIterable<Uint8Array>;
	/** What was made of it. */
	readonly root: string;
	readonly changes?: MemberChanges;
}

function differs(path: BytePath, what: string): EngineError {
	return new EngineError(
		'tree_verify_failed',
		`'${toText(path)}' is not what the archive has: ${what}`,
		{
			remedy:
				'The storage, the file system or the memory of this machine changed it. Look at their health, then run again.',
			details: { path: toText(path), what },
		},
	);
}

function kindOf(stats: BigIntStats): MemberType | undefined {
	if (stats.isFile()) return 'file';
	if (stats.isDirectory()) return 'folder';
	return stats.isSymbolicLink() ? 'symbolicLink' : undefined;
}

/** Says what is different, as a word. */
function differentAttribute(
	stats: BigIntStats,
	{ type, mode, uid, gid, mtime }: Member,
): string | undefined {
	if (IS_ROOT && (stats.uid !== BigInt(uid) || stats.gid !== BigInt(gid))) return 'owner';
	if (type === 'file' && (stats.mode & 0o7777n) !== BigInt(mode)) return 'mode';
	const error = stats.mtimeNs - mtime;
	// Before 1970 times are set to the millisecond.
	const tolerance = mtime < 0n ? 1_000_000n : TIME_TOLERANCE_NS;
	return error > tolerance || error < -tolerance ? 'time' : undefined;
}

class Comparer {
	readonly #root: BytePath;
	readonly #layout = new MemberLayout();
	#buffer = Buffer.alloc(0);

	constructor(root: string) {
		this.#root = fromText(root);
	}

	pathOf(name: BytePath): BytePath {
		return this.#layout.pathOf(name);
	}

	async compare(path: BytePath, member: Member, read: ReadMember): Promise<void> {
		const stats = this.#stats(path);
		if (member.type === 'hardLink') {
			const first = this.#stats(this.pathOf(member.linkTarget));
			if (stats.ino !== first.ino) throw differs(path, 'it is no second name');
			return;
		}
		if (kindOf(stats) !== member.type) throw differs(path, `it is no ${member.type}`);
		// Rights and times of folders are set after everything else.
		if (member.type === 'folder') return;
		const attribute = differentAttribute(stats, member);
		if (attribute !== undefined) throw differs(path, attribute);
		if (member.type === 'file') return await this.#content(path, member, read);
		const target = readlinkSync(this.#full(path), 'buffer').toString('latin1');
		if (target !== member.linkTarget) throw differs(path, 'target');
	}

	#full(path: BytePath): Buffer {
		return toBuffer(path === '' ? this.#root : `${this.#root}/${path}`);
	}

	#stats(path: BytePath): BigIntStats {
		try {
			return lstatSync(this.#full(path), { bigint: true });
		} catch (error) {
			throw systemErrorCode(error) === 'ENOENT' ? differs(path, 'it is missing') : error;
		}
	}

	async #content(path: BytePath, { size }: Member, { now, content }: ReadMember): Promise<void> {
		const fd = openSync(this.#full(path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
		try {
			if (fstatSync(fd).size !== size) throw differs(path, 'size');
			const whole = now();
			if (whole !== undefined) return this.#piece(fd, path, { offset: 0, bytes: whole });
			for await (const piece of content()) this.#piece(fd, path, piece);
		} finally {
			closeSync(fd);
		}
	}

	#piece(fd: number, path: BytePath, { offset, bytes }: Piece): void {
		if (this.#buffer.length < bytes.length) this.#buffer = Buffer.allocUnsafe(bytes.length);
		let filled = 0;
		while (filled < bytes.length) {
			const count = readSync(fd, this.#buffer, filled, bytes.length - filled, offset + filled);
			if (count === 0) break;
			filled += count;
		}
		if (!this.#buffer.subarray(0, filled).equals(bytes)) throw differs(path, 'content');
	}
}

/**
 * Compares a restored tree with its archive, entry by entry: kinds, content, targets of links, modes,
 * times, and owners where this process may set them; of folders only that they are there. Throws
 * `tree_verify_failed`, `cancelled`, and what `TarReader` throws.
 */
export async function compareArchive(
	{ chunks, root, changes }: CompareOptions,
	{ signal, progress }: EngineContext,
): Promise<void> {
	const comparer = new Comparer(root);
	const changer = new MemberChanger(changes);
	const turns = new Turns(signal);
	let done = 0;
	for await (const read of new TarReader(chunks).members()) {
		if (turns.isDue) await turns.take();
		const path = comparer.pathOf(read.member.name);
		if (path !== '') await comparer.compare(path, changer.changed(read.member), read);
		if (++done % ENTRIES_PER_REPORT !== 1) continue;
		progress.report({ phase: 'verify', done, unit: 'entries', item: toText(path) });
	}
}
