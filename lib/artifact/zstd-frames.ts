import { EngineError } from '../core/index.ts';

/*
 * Walks the frames of a zstd file (RFC 8878, section 3.1). Needed because Node.js decompresses the
 * first frame only and drops what follows it in the same chunk without an error, while files of
 * several frames are common (pzstd, concatenated files, our own seekable dumps).
 */

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const BLOCK_TYPE_RLE = 1;
const BLOCK_TYPE_RESERVED = 3;

/** A piece of a frame, in the order of the file; `last` marks the final piece of its frame. */
export interface FramePiece {
	readonly bytes: Uint8Array;
	readonly skippable: boolean;
	readonly last: boolean;
}

/** What the next bytes are. `body` bytes need no look, all others are collected first. */
type Part = 'magic' | 'skipSize' | 'descriptor' | 'header' | 'blockHeader' | 'body' | 'checksum';

function corrupt(what: string): EngineError {
	return new EngineError('artifact_corrupt', `The zstd data is damaged: ${what}`, {
		remedy: 'Use another copy of this file.',
	});
}

function littleEndian(bytes: Uint8Array): number {
	return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** Bytes of the frame header after its descriptor. */
function headerBytes(descriptor: number): number {
	const singleSegment = (descriptor & 0x20) !== 0;
	const sizeFlag = descriptor >>> 6;
	const contentSize = sizeFlag === 0 ? Number(singleSegment) : 2 ** sizeFlag;
	return Number(!singleSegment) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + contentSize;
}

/**
 * How many bytes a frame says that it unpacks to; `undefined` when it does not say. `frame` begins with
 * the whole header of one that is not skippable.
 */
export function declaredContentBytes(frame: Uint8Array): number | undefined {
	const descriptor = frame[MAGIC_BYTES] ?? 0;
	const singleSegment = (descriptor & 0x20) !== 0;
	const sizeFlag = descriptor >>> 6;
	const bytes = sizeFlag === 0 ? Number(singleSegment) : 2 ** sizeFlag;
	if (bytes === 0) return undefined;
	const end = MAGIC_BYTES + 1 + headerBytes(descriptor);
	// Two bytes begin to count where one ends.
	return littleEndian(frame.subarray(end - bytes, end)) + (bytes === 2 ? 256 : 0);
}

/** State of one walk; `feed` takes chunks cut anywhere and yields pieces with frame borders marked. */
export class ZstdFrameWalker {
	#part: Part = 'magic';
	#left = MAGIC_BYTES;
	#collected: number[] = [];
	#skippable = false;
	#hasChecksum = false;
	#lastBlock = false;

	/** The first bytes of a frame whose magic number is cut by the end of a chunk. */
	#carry: Uint8Array = new Uint8Array(0);

	/** True between frames: the only place where a file may end. */
	get atBorder(): boolean {
		return this.#part === 'magic' && this.#carry.length === 0;
	}

	*feed(more: Uint8Array): Generator<FramePiece> {
		const chunk = this.#carry.length === 0 ? more : Buffer.concat([this.#carry, more]);
		this.#carry = new Uint8Array(0);
		let start = 0;
		let at = 0;
		while (at < chunk.length) {
			const take = Math.min(this.#left, chunk.length - at);
			if (this.#part !== 'body') this.#collected.push(...chunk.subarray(at, at + take));
			at += take;
			this.#left -= take;
			while (this.#left === 0) {
				if (!this.#next()) continue;
				yield { bytes: chunk.subarray(start, at), skippable: this.#skippable, last: true };
				start = at;
			}
		}
		if (start === chunk.length) return;
		const rest = chunk.subarray(start);
		if (this.#part === 'magic') {
			this.#carry = rest;
			this.#expect('magic', MAGIC_BYTES);
		} else {
			yield { bytes: rest, skippable: this.#skippable, last: false };
		}
	}

	#expect(part: Part, bytes: number): false {
		this.#part = part;
		this.#left = bytes;
		this.#collected = [];
		return false;
	}

	#frameEnds(): true {
		this.#expect('magic', MAGIC_BYTES);
		return true;
	}

	/** Judges the part that is complete and says what follows. True when the frame ended. */
	#next(): boolean {
		const value = littleEndian(Uint8Array.from(this.#collected));
		switch (this.#part) {
			case 'magic':
				this.#skippable = (value & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC;
				if (this.#skippable) return this.#expect('skipSize', 4);
				if (value !== FRAME_MAGIC) throw corrupt('a frame does not begin where one should');
				return this.#expect('descriptor', 1);
			case 'skipSize':
				this.#lastBlock = true;
				this.#hasChecksum = false;
				return value === 0 ? this.#frameEnds() : this.#expect('body', value);
			case 'descriptor':
				this.#hasChecksum = (value & 4) !== 0;
				return this.#expect('header', headerBytes(value));
			case 'header':
				return this.#expect('blockHeader', BLOCK_HEADER_BYTES);
			case 'blockHeader':
				return this.#blockBegins(value);
			case 'body':
				return this.#blockEnds();
			case 'checksum':
				return this.#frameEnds();
		}
	}

	#blockBegins(header: number): boolean {
		const type = (header >>> 1) & 3;
		if (type === BLOCK_TYPE_RESERVED) throw corrupt('a block has a type that does not exist');
		this.#lastBlock = (header & 1) === 1;
		const size = type === BLOCK_TYPE_RLE ? 1 : header >>> 3;
		return size === 0 ? this.#blockEnds() : this.#expect('body', size);
	}

	#blockEnds(): boolean {
		if (!this.#lastBlock) return this.#expect('blockHeader', BLOCK_HEADER_BYTES);
		return this.#hasChecksum ? this.#expect('checksum', CHECKSUM_BYTES) : this.#frameEnds();
	}
}
