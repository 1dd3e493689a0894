import { finished } from 'node:stream/promises';
import { type ZstdOptions, constants, createGzip, createZstdCompress } from 'node:zlib';

import { type ByteChunk, EngineError, type FrameLabel } from '../core/index.ts';
import { type Compression, compressChunks } from './compression.ts';
import type { Frame } from './frames.ts';

/** A larger frame (one huge statement) is compressed while it comes, not held in memory. */
const WHOLE_FRAME_BYTES = 4 * 1024 * 1024;
/** Frames being compressed at once, in other threads, and what they may hold together. */
const MAX_UNDER_WAY = 4;
const MAX_UNDER_WAY_BYTES = 8 * 1024 * 1024;
/** What does not fit into one piece takes more turns of the compressor; what a piece has too much, memory. */
const SMALLEST_PIECE_BYTES = 64 * 1024;
const FIRST_PIECE_BYTES = 384 * 1024;
const PIECE_FACTOR = 1.125;

/** With the size of the content in the frame's header, which the types of Node.js do not know of yet. */
function zstdOptions(contentBytes: number, level: number, chunkSize: number): ZstdOptions {
	const options: ZstdOptions & { readonly pledgedSrcSize: number } = {
		chunkSize,
		pledgedSrcSize: contentBytes,
		params: {
			[constants.ZSTD_c_compressionLevel]: level,
			[constants.ZSTD_c_checksumFlag]: 1,
		},
	};
	return options;
}

/** One frame, as the pieces that the compressor makes: joining them would be another copy. */
async function packWhole(
	content: Uint8Array,
	{ kind, level }: Compression,
	chunkSize: number,
): Promise<Buffer[]> {
	const packer =
		kind === 'zstd'
			? createZstdCompress(zstdOptions(content.length, level, chunkSize))
			: createGzip({ level, chunkSize });
	const pieces: Buffer[] = [];
	packer.on('data', (piece: Buffer) => pieces.push(piece));
	packer.end(content);
	await finished(packer);
	return pieces;
}

function bytesOf(pieces: readonly Uint8Array[]): number {
	return pieces.reduce((bytes, { length }) => bytes + length, 0);
}

interface UnderWay {
	readonly packed: Promise<readonly ByteChunk[]>;
	readonly contentBytes: number;
	readonly label: FrameLabel;
}

/** Compresses each frame of a source by itself, several at a time, and lists where each lies. */
export class FramePacker {
	readonly frames: Frame[] = [];
	readonly #compression: Compression;
	readonly #isListed: boolean;
	readonly #queue: UnderWay[] = [];
	#queuedBytes = 0;
	/** Most frames are about as large as the one before. */
	#pieceBytes = FIRST_PIECE_BYTES;
	#offset = 0;
	#contentOffset = 0;

	/** `isListed`: whether `frames` is wanted; content of any size has any number of them. */
	constructor(compression: Compression, isListed = true) {
		this.#compression = compression;
		this.#isListed = isListed;
	}

	/** Throws `internal` when the source ends within a frame. */
	async *pack(chunks: AsyncIterable<ByteChunk>): AsyncGenerator<ByteChunk> {
		const source = chunks[Symbol.asyncIterator]();
		let ended = false;
		try {
			for (;;) {
				const begun = await this.#collect(source);
				if (begun === undefined) break;
				if (begun.label === undefined) yield* this.#streamed(begun.parts, source);
				else this.#start(begun.parts, begun.label);
				while (this.#isFull) yield* await this.#oldest();
			}
			ended = true;
			while (this.#queue.length > 0) yield* await this.#oldest();
		} finally {
			for (const { packed } of this.#queue) packed.catch(() => undefined);
			if (!ended) await source.return?.();
		}
	}

	/** The chunks of the next frame; without a label when it is too large to be held. */
	async #collect(
		source: AsyncIterator<ByteChunk>,
	): Promise<{ parts: ByteChunk[]; label?: FrameLabel } | undefined> {
		const parts: ByteChunk[] = [];
		let bytes = 0;
		while (bytes <= WHOLE_FRAME_BYTES) {
			const { done, value } = await source.next();
			if (done === true) {
				if (parts.length === 0) return undefined;
				throw unmarked();
			}
			parts.push(value);
			bytes += value.length;
			if (value.frameEnd !== undefined) return { parts, label: value.frameEnd };
		}
		return { parts };
	}

	#start(parts: readonly ByteChunk[], label: FrameLabel): void {
		const [first] = parts;
		const isOne = parts.length === 1 && first !== undefined;
		const content: ByteChunk = isOne ? first : Buffer.concat(parts);
		if (!isOne) for (const { recycle } of parts) recycle?.();
		const packed = this.#packWhole(content);
		// Reported when its turn comes; until then it must not count as unhandled.
		packed.catch(() => undefined);
		this.#queue.push({ packed, contentBytes: content.length, label });
		this.#queuedBytes += content.length;
	}

	/** Content that is not compressed goes on as it is, with the way to give its memory back. */
	async #packWhole(content: ByteChunk): Promise<readonly ByteChunk[]> {
		if (this.#compression.kind === 'none') return [content];
		const packed = await packWhole(content, this.#compression, this.#pieceBytes);
		const expected = Math.ceil(bytesOf(packed) * PIECE_FACTOR);
		this.#pieceBytes = Math.max(SMALLEST_PIECE_BYTES, expected);
		content.recycle?.();
		return packed;
	}

	async *#streamed(
		parts: readonly ByteChunk[],
		source: AsyncIterator<ByteChunk>,
	): AsyncGenerator<Uint8Array> {
		while (this.#queue.length > 0) yield* await this.#oldest();
		let contentBytes = 0;
		let bytes = 0;
		let label: FrameLabel | undefined;
		async function* content(): AsyncGenerator<Uint8Array> {
			for (const part of parts) {
				contentBytes += part.length;
				yield ownCopy(part);
			}
			while (label === undefined) {
				const { done, value } = await source.next();
				if (done === true) throw unmarked();
				contentBytes += value.length;
				label = value.frameEnd;
				yield ownCopy(value);
			}
		}
		for await (const piece of compressChunks(content(), this.#compression)) {
			bytes += piece.length;
			yield piece;
		}
		this.#list(bytes, contentBytes, label ?? {});
	}

	get #isFull(): boolean {
		return this.#queue.length >= MAX_UNDER_WAY || this.#queuedBytes > MAX_UNDER_WAY_BYTES;
	}

	async #oldest(): Promise<readonly ByteChunk[]> {
		const [oldest] = this.#queue;
		if (oldest === undefined) throw new EngineError('internal', 'No frame is under way');
		const packed = await oldest.packed;
		this.#queue.shift();
		this.#queuedBytes -= oldest.contentBytes;
		this.#list(bytesOf(packed), oldest.contentBytes, oldest.label);
		return packed;
	}

	#list(bytes: number, contentBytes: number, label: FrameLabel): void {
		const [offset, contentOffset] = [this.#offset, this.#contentOffset];
		if (this.#isListed) {
			this.frames.push({ offset, bytes, contentOffset, contentBytes, ...label });
		}
		this.#offset += bytes;
		this.#contentOffset += contentBytes;
	}
}

/** A stream does not say when it has read a chunk, so that it could be given back. */
function ownCopy(chunk: ByteChunk): Uint8Array {
	if (chunk.recycle === undefined) return chunk;
	const copy = Buffer.from(chunk);
	chunk.recycle();
	return copy;
}

function unmarked(): EngineError {
	return new EngineError('internal', 'The last frame of the content has no end');
}
