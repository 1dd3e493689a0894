import { promisify } from 'node:util';
import { createZstdDecompress, zstdDecompress } from 'node:zlib';

import { decompressError, streamOptions, through, truncated } from './unpack-stream.ts';
import { type FramePiece, ZstdFrameWalker, declaredContentBytes } from './zstd-frames.ts';

/*
 * Files of many frames are unpacked frame by frame, several at a time in other threads, if a frame says
 * how little it unpacks to. All others are unpacked as a stream.
 */

type Bytes = AsyncIterable<Uint8Array>;

/** Before and after unpacking. A frame may lie about the second: then it is an error. */
const WHOLE_FRAME_BYTES = 4 * 1024 * 1024;
const WHOLE_CONTENT_BYTES = 8 * 1024 * 1024;
const UNDER_WAY_MAX = 4;

const unpackWhole = promisify(zstdDecompress);

async function* framePieces(chunks: Bytes): AsyncGenerator<FramePiece> {
	const walker = new ZstdFrameWalker();
	for await (const chunk of chunks) yield* walker.feed(chunk);
	if (!walker.atBorder) throw truncated();
}

async function nextPiece(pieces: AsyncGenerator<FramePiece>): Promise<FramePiece> {
	const next = await pieces.next();
	if (next.done === true) throw truncated();
	return next.value;
}

interface BegunFrame {
	readonly parts: readonly Uint8Array[];
	readonly isWhole: boolean;
}

/** The next frame with content, or the start of it when it is large. */
async function nextFrame(pieces: AsyncGenerator<FramePiece>): Promise<BegunFrame | undefined> {
	for (;;) {
		const next = await pieces.next();
		if (next.done === true) return undefined;
		let piece = next.value;
		const parts = [piece.bytes];
		let bytes = piece.bytes.length;
		while (!piece.last && (piece.skippable || bytes < WHOLE_FRAME_BYTES)) {
			piece = await nextPiece(pieces);
			if (piece.skippable) continue;
			parts.push(piece.bytes);
			bytes += piece.bytes.length;
		}
		if (!piece.skippable) return { parts, isWhole: piece.last };
	}
}

async function* rest({ parts, isWhole }: BegunFrame, pieces: AsyncGenerator<FramePiece>): Bytes {
	yield* parts;
	for (let isEnded = isWhole; !isEnded;) {
		const piece = await nextPiece(pieces);
		yield piece.bytes;
		isEnded = piece.last;
	}
}

async function unpack(frame: Uint8Array, contentBytes: number): Promise<Uint8Array> {
	try {
		// One byte more, or another piece would be made ready when the first is full.
		const chunkSize = Math.max(contentBytes + 1, 64);
		return await unpackWhole(frame, { chunkSize, maxOutputLength: chunkSize });
	} catch (error) {
		throw decompressError(error);
	}
}

/** The content of all frames in order; others may stand between them. */
export async function* unpackZstd(chunks: Bytes): Bytes {
	const pieces = framePieces(chunks);
	const underWay: Promise<Uint8Array>[] = [];
	try {
		for (;;) {
			const frame = await nextFrame(pieces);
			if (frame === undefined) break;
			const [first] = frame.parts;
			const whole = frame.parts.length === 1 && first ? first : Buffer.concat(frame.parts);
			const contentBytes = frame.isWhole ? declaredContentBytes(whole) : undefined;
			if (contentBytes !== undefined && contentBytes <= WHOLE_CONTENT_BYTES) {
				const unpacked = unpack(whole, contentBytes);
				// Reported when its turn comes; until then it must not count as unhandled.
				unpacked.catch(() => undefined);
				underWay.push(unpacked);
				if (underWay.length >= UNDER_WAY_MAX) yield* oldest(underWay);
				continue;
			}
			while (underWay.length > 0) yield* oldest(underWay);
			yield* through(rest(frame, pieces), createZstdDecompress(streamOptions()));
		}
		while (underWay.length > 0) yield* oldest(underWay);
	} finally {
		await pieces.return(undefined);
	}
}

async function* oldest(underWay: Promise<Uint8Array>[]): Bytes {
	const content = await underWay.shift();
	if (content !== undefined && content.length > 0) yield content;
}
