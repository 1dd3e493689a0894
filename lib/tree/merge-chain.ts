import { EngineError } from '../core/index.ts';
import { type BytePath, memberPath, toText } from './byte-path.ts';
import { type IndexEntry, damagedIndex } from './index-lines.ts';
import { readIndex } from './index-reader.ts';
import type { Member } from './member.ts';
import { archiveEnd, memberHeader, storedSize } from './member-header.ts';
import { OutputBuffer } from './output-buffer.ts';
import { paddingOf } from './tar-blocks.ts';
import { type ReadMember, TarReader } from './tar-reader.ts';

/*
 * A full archive and increments become one archive again: the last index says what there is, and which
 * archive has a file's content. All of them are in the order of a walk, so each is read once, side by
 * side, and what comes out is in that order too.
 */

function lacking(path: BytePath, part: number): EngineError {
	return new EngineError(
		'artifact_corrupt',
		`The ${part === 0 ? 'full archive' : `archive number ${part} after the full one`} lacks '${toText(path)}', which the index finds there`,
		{ remedy: 'Use another copy of the backup sets: all of one chain from one place.' },
	);
}

/** One archive of the chain, read as far as it was needed. */
class ArchiveCursor {
	readonly #part: number;
	readonly #members: AsyncGenerator<ReadMember>;

	constructor(chunks: AsyncIterable<Uint8Array>, part: number) {
		this.#part = part;
		this.#members = new TarReader(chunks).members();
	}

	/** The file of an entry; everything before it is passed over. Throws `artifact_corrupt`. */
	async file({ path, size, mtimeNs }: IndexEntry): Promise<ReadMember> {
		for (;;) {
			const step = await this.#members.next();
			if (step.done === true) throw lacking(path, this.#part);
			const { member } = step.value;
			if (member.type !== 'file' || memberPath(member.name) !== path) continue;
			if (member.size === size && member.mtime === mtimeNs) return step.value;
			throw lacking(path, this.#part);
		}
	}

	/** Only at its end is it known to be whole. */
	async end(): Promise<void> {
		for (let ended = false; !ended;) ended = (await this.#members.next()).done === true;
	}

	async close(): Promise<void> {
		await this.#members.return(undefined);
	}
}

/** Throws `tree_entry_unsafe` for a path that leads out, `artifact_corrupt` for one that no walk makes. */
function memberOf(entry: IndexEntry): Member {
	const { type, path, target, mode, uid, gid, mtimeNs, size } = entry;
	if (memberPath(path) !== path) throw damagedIndex('a line has no valid path');
	const suffix = type === 'folder' ? '/' : '';
	const name = path === '' ? './' : `./${path}${suffix}`;
	return { type, name, linkTarget: target, mode, uid, gid, mtime: mtimeNs, size };
}

/**
 * The tar of the tree as it was when the last archive of a chain was made: `archives` from the full one
 * to that one, and its index. Throws `artifact_corrupt` when they do not fit together, and what reading
 * each of them throws; all are read to their ends.
 */
export async function* mergeChain(
	archives: ReadonlyArray<AsyncIterable<Uint8Array>>,
	index: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
	const cursors = archives.map((chunks, part) => new ArchiveCursor(chunks, part));
	const output = new OutputBuffer();
	try {
		for await (const entry of readIndex(index)) {
			if (entry.type !== 'file') {
				yield* output.put(memberHeader(memberOf(entry)));
				continue;
			}
			const part = entry.part ?? 0;
			const cursor = cursors[part];
			if (cursor === undefined) throw lacking(entry.path, part);
			const described = memberOf(entry);
			const { member, content } = await cursor.file(entry);
			const { sparse } = member;
			const file = { ...described, ...(sparse === undefined ? {} : { sparse }) };
			yield* output.put(memberHeader(file));
			for await (const { bytes } of content()) yield* output.put(bytes);
			yield* output.zeros(paddingOf(storedSize(file)));
		}
		for (const cursor of cursors) await cursor.end();
		yield* output.put(archiveEnd(output.bytes));
		yield output.end();
	} finally {
		for (const cursor of cursors) await cursor.close();
	}
}
