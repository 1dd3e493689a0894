import { EngineError } from '../core/index.ts';
import { type BytePath, PATH_MAX_BYTES, toText } from './byte-path.ts';
import { ByteReader } from './byte-reader.ts';
import {
	type HeaderBlock,
	HeaderProblem,
	isZeroBlock,
	readHeaderBlock,
	textField,
} from './header-block.ts';
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
 * Reads the members of a tar in the order of the file: v7, ustar, GNU and pax.
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
	/** The whole content, if it is in memory already and no sparse file's: cheaper than `content()`. */
	now(): Buffer | undefined;
	/** All that is stored, in order: `member.size` bytes, or the segments of a sparse file. */
	content(): AsyncGenerator<Piece>;
}

/** Extension headers hold names and numbers; no honest one is larger. */
const EXTENSION_MAX_BYTES = 1024 * 1024;
/** A member has a pax header, and perhaps a long name and a long link. */
const EXTENSIONS_MAX = 8;
/** Records for all that follows stay in memory. */
const GLOBAL_RECORDS_MAX = 1000;
const NANOSECONDS = 1_000_000_000n;
const LONG_NAME = 'L';
const LONG_LINK = 'K';
const PAX = 'x';
const EXTENSION_TYPES: ReadonlySet<string> = new Set([LONG_NAME, LONG_LINK, PAX, 'g']);
const OLD_SPARSE = 'S';
const OF_ONE_MEMBER = /^(path|linkpath|size|GNU\.sparse\..*)$/;
/** As GNU tar and bsdtar write what Node.js can neither read nor set. */
const ATTRIBUTES = /^(SCHILY\.(xattr|acl)\.|LIBARCHIVE\.xattr\.|RHT\.security\.selinux$)/;

const TYPES: Readonly<Record<string, MemberType>> = {
	'\0': 'file',
	'0': 'file',
	'7': 'file',
	S: 'file',
	'1': 'hardLink',
	'2': 'symbolicLink',
	'5': 'folder',
};

function corrupt(what: string, offset: number): EngineError {
	return new EngineError('artifact_corrupt', `The archive is damaged at byte ${offset}: ${what}`, {
		remedy: 'Use another copy of this archive.',
		details: { offset },
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

function tooMany(what: string): EngineError {
	return new EngineError('limit_exceeded', `The archive has ${what}`, {
		remedy:
			'No program writes such archives: they only fill the memory. Do not trust this archive.',
	});
}

/** What extension headers say about the next member. */
interface Extensions {
	readonly records: ReadonlyMap<string, string>;
	readonly longName?: BytePath;
	readonly longLink?: BytePath;
}

const NONE: Extensions = { records: new Map() };

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
			let extensions: Extensions = NONE;
			for (let inARow = 0; ;) {
				const block = this.#reader.now(BLOCK_BYTES) ?? (await this.#block());
				if (isZeroBlock(block)) return await this.#end();
				const header = this.#decode(block);
				if (EXTENSION_TYPES.has(header.type)) {
					if (++inARow > EXTENSIONS_MAX) throw tooMany(`${inARow} headers for one member`);
					extensions = await this.#extension(header, extensions);
					continue;
				}
				yield* this.#member(block, header, extensions);
				extensions = NONE;
				inARow = 0;
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

	#decode(block: Buffer): HeaderBlock {
		const header = readHeaderBlock(block);
		if (!(header instanceof HeaderProblem)) return header;
		const offset = this.#reader.offset - BLOCK_BYTES;
		throw corrupt(offset === 0 ? 'it does not begin like a tar' : header.text, offset);
	}

	/** One zero block was seen: a second one, and then nothing but padding. */
	async #end(): Promise<void> {
		const second = await this.#block();
		for (let rest: Buffer | undefined = second; rest !== undefined;) {
			if (rest.some((byte) => byte !== 0)) {
				throw corrupt('something follows its end', this.#reader.offset);
			}
			rest = await this.#reader.some(Infinity);
		}
	}

	/** The extensions with this header added. */
	async #extension({ type, size }: HeaderBlock, before: Extensions): Promise<Extensions> {
		const body = await this.#extensionBody(size);
		if (type === LONG_NAME) return { ...before, longName: textField(body, 0, body.length) };
		if (type === LONG_LINK) return { ...before, longLink: textField(body, 0, body.length) };
		const records = parsePax(body);
		if (type === PAX) return { ...before, records };
		if ([...records.keys()].some((key) => OF_ONE_MEMBER.test(key))) {
			throw corrupt('a header for all members says what only one can have', this.#reader.offset);
		}
		this.#global = new Map([...this.#global, ...records]);
		if (this.#global.size > GLOBAL_RECORDS_MAX)
			throw tooMany(`${this.#global.size} global records`);
		return before;
	}

	async #extensionBody(size: number): Promise<Buffer> {
		if (size > EXTENSION_MAX_BYTES) throw tooMany(`a header of ${size} bytes`);
		const padded = size + paddingOf(size);
		const body = this.#reader.now(padded) ?? (await this.#reader.exactly(padded));
		if (body.length < padded) throw truncated(this.#reader.offset);
		return body.subarray(0, size);
	}

	async *#member(
		block: Buffer,
		header: HeaderBlock,
		extensions: Extensions,
	): AsyncGenerator<ReadMember> {
		const described = this.#describe(header, extensions);
		const sparse = await this.#sparse(block, header.type, described, extensions);
		const member =
			sparse === undefined ? described : { ...described, size: sparse.size, sparse: sparse.map };
		const segments = sparse?.map ?? [{ offset: 0, bytes: member.size }];
		const stored = storedBytes(segments);
		let left = stored;
		const take = async (max: number): Promise<Buffer> => {
			const bytes = await this.#reader.some(max);
			if (bytes === undefined) throw truncated(this.#reader.offset);
			left -= bytes.length;
			return bytes;
		};
		const now = (): Buffer | undefined => {
			const bytes = sparse === undefined && left === stored ? this.#reader.now(stored) : undefined;
			if (bytes !== undefined) left = 0;
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
		const { records } = extensions;
		const hasAttributes =
			records.size > 0 && [...records.keys()].some((key) => ATTRIBUTES.test(key));
		yield { member, hasAttributes, now, content };
		while (left > 0) await take(left);
		const padding = paddingOf(stored);
		const padded = this.#reader.now(padding) ?? (await this.#reader.exactly(padding));
		if (padded.length < padding) throw truncated(this.#reader.offset);
	}

	/** The map of a sparse file, which stands between its header and its content. */
	async #sparse(
		block: Buffer,
		code: string,
		{ type, size }: Member,
		{ records }: Extensions,
	): Promise<SparseInfo | undefined> {
		if (type !== 'file') return undefined;
		if (code === OLD_SPARSE) return await readOldSparse(block, this.#reader, size);
		return isSparse(records) ? await readPaxSparse(records, this.#reader, size) : undefined;
	}

	#describe(header: HeaderBlock, { records, longName, longLink }: Extensions): Member {
		const get = (key: string): string | undefined => records.get(key) ?? this.#global.get(key);
		const number = (key: 'uid' | 'gid' | 'size'): number => {
			const text = get(key);
			return text === undefined ? header[key] : parsePaxNumber(text);
		};
		this.#assertOneSize(records.get('size'), header.size);
		const name = sparseName(records) ?? records.get('path') ?? longName ?? header.name;
		const type = typeOf(header.type, name);
		const mtime = get('mtime');
		return {
			type,
			name,
			linkTarget: linkTargetOf(type, records.get('linkpath') ?? longLink ?? header.linkTarget),
			mode: header.mode,
			uid: number('uid'),
			gid: number('gid'),
			mtime: mtime === undefined ? BigInt(header.mtime) * NANOSECONDS : parsePaxTime(mtime),
			size: type === 'file' ? number('size') : 0,
		};
	}

	/**
	 * A record overrides the block. Programs that heed only one of two different sizes would see other
	 * members than those that heed the other; honest writers leave the block's at 0, or cannot write it.
	 */
	#assertOneSize(inRecord: string | undefined, inBlock: number): void {
		if (inRecord === undefined || inBlock === 0) return;
		const size = parsePaxNumber(inRecord);
		if (size > SIZE_MAX || size === inBlock) return;
		throw corrupt('a member has two sizes', this.#reader.offset - BLOCK_BYTES);
	}
}

function typeOf(code: string, name: BytePath): MemberType {
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

function linkTargetOf(type: MemberType, target: BytePath): BytePath {
	if (type !== 'symbolicLink' && type !== 'hardLink') return '';
	if (target !== '' && target.length <= PATH_MAX_BYTES && !target.includes('\0')) return target;
	throw new EngineError('tree_entry_unsafe', 'A link of the archive has no valid target', {
		remedy: 'Do not trust this archive.',
	});
}
