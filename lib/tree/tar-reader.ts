import { Header } from 'tar';

import { CHUNK_BYTES, EngineError } from '../core/index.ts';
import { type BytePath, PATH_MAX_BYTES, toText } from './byte-path.ts';
import { ByteReader } from './byte-reader.ts';
import type { Member, MemberType } from './member.ts';
import { parsePax, parsePaxNumber, parsePaxTime } from './pax-records.ts';
import {
	type SparseInfo,
	isSparse,
	readOldSparse,
	readPaxSparse,
	sparseName,
} from './sparse-header.ts';
import { storedBytes } from './sparse-map.ts';
import { BLOCK_BYTES, SIZE_MAX, paddingOf } from './tar-blocks.ts';

/*
 * Reads the members of a tar in the order of the file: v7, ustar, GNU and pax. Block fields are decoded
 * and their checksum is verified by the package `tar`; names are taken as bytes.
 *
 * Extension headers ('x', 'g', 'L', 'K') describe the next member only, or with 'g' all that follow.
 */

/** Some bytes of a file and where they belong in it. */
export interface Piece {
	readonly offset: number;
	readonly bytes: Buffer;
}

/** A member and its content, which must be read, if at all, before the next member is asked for. */
export interface ReadMember {
	readonly member: Member;
	/** Whether it has extended attributes, access lists or a security label, which are not restored. */
	readonly hasAttributes: boolean;
	/** All that is stored, in order: `member.size` bytes, or the segments of a sparse file. */
	content(): AsyncGenerator<Piece>;
}

/** Extension headers hold names and numbers; no honest one is larger. */
const EXTENSION_MAX_BYTES = 1024 * 1024;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const LONG_NAME = 'L';
const LONG_LINK = 'K';
const PAX = 'x';
const PAX_GLOBAL = 'g';
const OLD_SPARSE = 'S';
/** As GNU tar and bsdtar write what Node.js can neither read nor set. */
const ATTRIBUTES = /^(SCHILY\.(xattr|acl)\.|LIBARCHIVE\.xattr\.|RHT\.security\.selinux$)/;

const TYPES: Readonly<Record<string, MemberType>> = {
	'': 'file',
	'\0': 'file',
	'0': 'file',
	'7': 'file',
	S: 'file',
	'1': 'hardLink',
	'2': 'symbolicLink',
	'5': 'folder',
};

function corrupt(what: string, offset: number, cause?: unknown): EngineError {
	return new EngineError('artifact_corrupt', `The archive is damaged at byte ${offset}: ${what}`, {
		remedy: 'Use another copy of this archive.',
		details: { offset },
		cause,
	});
}

function truncated(offset: number): EngineError {
	return new EngineError(
		'artifact_truncated',
		`The archive ends in the middle, after ${offset} bytes`,
		{
			remedy: 'It was cut, for example by a broken transfer or a full disk. Use another copy.',
			details: { offset },
		},
	);
}

function field(block: Buffer, start: number, length: number): string {
	const bytes = block.subarray(start, start + length);
	const end = bytes.indexOf(0);
	return bytes.toString('latin1', 0, end < 0 ? length : end);
}

/** Names in a header block; only ustar has a prefix there, GNU keeps times in its place. */
function blockName(block: Buffer): BytePath {
	const name = field(block, 0, 100);
	const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
	const prefix = isUstar ? field(block, 345, 155) : '';
	return prefix === '' ? name : `${prefix}/${name}`;
}

/** What extension headers say about the next member. */
interface Extensions {
	readonly records: ReadonlyMap<string, string>;
	readonly longName?: BytePath;
	readonly longLink?: BytePath;
}

export class TarReader {
	readonly #reader: ByteReader;
	#global: ReadonlyMap<string, string> = new Map();

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.#reader = new ByteReader(chunks);
	}

	/**
	 * All members to a proven end of the archive. Throws `artifact_truncated`, `artifact_corrupt`,
	 * `tree_entry_unsupported`, and what the source throws.
	 */
	async *members(): AsyncGenerator<ReadMember> {
		try {
			let extensions: Extensions = { records: new Map() };
			for (let block = await this.#block(); ; block = await this.#block()) {
				const header = this.#decode(block);
				if (header === undefined) return await this.#end();
				const extended = await this.#extension(block, header, extensions);
				if (extended !== undefined) {
					extensions = extended;
					continue;
				}
				yield* this.#member(block, header, extensions);
				extensions = { records: new Map() };
			}
		} finally {
			await this.#reader.close();
		}
	}

	async #block(): Promise<Buffer> {
		const block = await this.#reader.exactly(BLOCK_BYTES);
		if (block.length < BLOCK_BYTES) throw truncated(this.#reader.offset);
		return block;
	}

	#decode(block: Buffer): Header | undefined {
		const header = this.#header(block);
		if (header.nullBlock && block.every((byte) => byte === 0)) return undefined;
		if (header.cksumValid) return header;
		const offset = this.#reader.offset - BLOCK_BYTES;
		throw corrupt(
			offset === 0 ? 'it does not begin like a tar' : 'a header has a wrong checksum',
			offset,
		);
	}

	/** The package throws plain errors for numbers that cannot be. */
	#header(block: Buffer): Header {
		try {
			return new Header(block);
		} catch (error) {
			const offset = this.#reader.offset - BLOCK_BYTES;
			throw corrupt('a header has no valid number', offset, error);
		}
	}

	/** One zero block was seen: a second one, and then nothing but padding. */
	async #end(): Promise<void> {
		const second = await this.#block();
		for (let rest: Buffer | undefined = second; rest !== undefined;) {
			if (rest.some((byte) => byte !== 0)) {
				throw corrupt('something follows its end', this.#reader.offset);
			}
			rest = await this.#reader.some(CHUNK_BYTES);
		}
	}

	/** The extensions with this header added, or `undefined` when it is a member's own. */
	async #extension(
		block: Buffer,
		header: Header,
		before: Extensions,
	): Promise<Extensions | undefined> {
		const type = field(block, 156, 1);
		if (![LONG_NAME, LONG_LINK, PAX, PAX_GLOBAL].includes(type)) return undefined;
		const body = await this.#extensionBody(header);
		if (type === LONG_NAME) return { ...before, longName: field(body, 0, body.length) };
		if (type === LONG_LINK) return { ...before, longLink: field(body, 0, body.length) };
		const records = parsePax(body);
		if (type === PAX) return { ...before, records };
		this.#global = new Map([...this.#global, ...records]);
		return before;
	}

	async #extensionBody(header: Header): Promise<Buffer> {
		const size = header.size ?? 0;
		if (size > EXTENSION_MAX_BYTES) {
			throw new EngineError('limit_exceeded', `A header of the archive has ${size} bytes`, {
				remedy: `At most ${EXTENSION_MAX_BYTES} are read. Do not trust this archive.`,
			});
		}
		const body = await this.#reader.exactly(size + paddingOf(size));
		if (body.length < size + paddingOf(size)) throw truncated(this.#reader.offset);
		return body.subarray(0, size);
	}

	async *#member(
		block: Buffer,
		header: Header,
		extensions: Extensions,
	): AsyncGenerator<ReadMember> {
		const described = this.#describe(block, header, extensions);
		const sparse = await this.#sparse(block, described, extensions);
		const member =
			sparse === undefined ? described : { ...described, size: sparse.size, sparse: sparse.map };
		const segments = sparse?.map ?? [{ offset: 0, bytes: member.size }];
		const stored = storedBytes(segments);
		let left = stored;
		const take = async (max: number): Promise<Buffer> => {
			const bytes = await this.#reader.some(Math.min(max, CHUNK_BYTES));
			if (bytes === undefined) throw truncated(this.#reader.offset);
			left -= bytes.length;
			return bytes;
		};
		async function* content(): AsyncGenerator<Piece> {
			for (const segment of segments) {
				for (let done = 0; done < segment.bytes;) {
					const bytes = await take(segment.bytes - done);
					yield { offset: segment.offset + done, bytes };
					done += bytes.length;
				}
			}
		}
		const hasAttributes = [...extensions.records.keys()].some((key) => ATTRIBUTES.test(key));
		yield { member, hasAttributes, content };
		while (left > 0) await take(left);
		const padding = paddingOf(stored);
		if ((await this.#reader.exactly(padding)).length < padding)
			throw truncated(this.#reader.offset);
	}

	/** The map of a sparse file, which stands between its header and its content. */
	async #sparse(
		block: Buffer,
		{ type, size }: Member,
		{ records }: Extensions,
	): Promise<SparseInfo | undefined> {
		if (type !== 'file') return undefined;
		if (field(block, 156, 1) === OLD_SPARSE) return await readOldSparse(block, this.#reader, size);
		return isSparse(records) ? await readPaxSparse(records, this.#reader, size) : undefined;
	}

	#describe(block: Buffer, header: Header, { records, longName, longLink }: Extensions): Member {
		const get = (key: string): string | undefined => records.get(key) ?? this.#global.get(key);
		const number = (key: string, inBlock: number | undefined): number => {
			const text = get(key);
			const value = text === undefined ? inBlock : parsePaxNumber(text);
			if (value === undefined || !Number.isSafeInteger(value) || value < 0) {
				throw corrupt(`a header has no valid ${key}`, this.#reader.offset - BLOCK_BYTES);
			}
			return value;
		};
		this.#assertOneSize(records.get('size'), header.size);
		const name = sparseName(records) ?? records.get('path') ?? longName ?? blockName(block);
		const type = this.#typeOf(block, name);
		const mtime = get('mtime');
		return {
			type,
			name,
			linkTarget: linkTargetOf(block, type, records.get('linkpath') ?? longLink),
			mode: (header.mode ?? 0) & 0o7777,
			uid: number('uid', header.uid ?? 0),
			gid: number('gid', header.gid ?? 0),
			mtime:
				mtime === undefined
					? BigInt(header.mtime?.getTime() ?? 0) * NANOSECONDS_PER_MILLISECOND
					: parsePaxTime(mtime),
			size: type === 'file' ? number('size', header.size) : 0,
		};
	}

	/**
	 * A record overrides the block. Programs that heed only one of two different sizes would see other
	 * members than those that heed the other; honest writers leave the block's at 0, or cannot write it.
	 */
	#assertOneSize(inRecord: string | undefined, inBlock: number | undefined): void {
		if (inRecord === undefined || inBlock === undefined || inBlock === 0) return;
		const size = parsePaxNumber(inRecord);
		if (size > SIZE_MAX || size === inBlock) return;
		throw corrupt('a member has two sizes', this.#reader.offset - BLOCK_BYTES);
	}

	#typeOf(block: Buffer, name: BytePath): MemberType {
		const code = field(block, 156, 1);
		const type = TYPES[code];
		if (type === undefined) {
			throw new EngineError(
				'tree_entry_unsupported',
				`The archive has '${toText(name)}' as a special entry (type ${code})`,
				{
					remedy: 'Folders, files, symbolic and hard links are restored. Extract it with GNU tar.',
				},
			);
		}
		// Before ustar, a folder was a file with a slash at its end.
		return type === 'file' && name.endsWith('/') ? 'folder' : type;
	}
}

function linkTargetOf(block: Buffer, type: MemberType, extended: BytePath | undefined): BytePath {
	if (type !== 'symbolicLink' && type !== 'hardLink') return '';
	const target = extended ?? field(block, 157, 100);
	if (target !== '' && target.length <= PATH_MAX_BYTES && !target.includes('\0')) return target;
	throw new EngineError('tree_entry_unsafe', 'A link of the archive has no valid target', {
		remedy: 'Do not trust this archive.',
	});
}
