import { pipeline } from 'node:stream/promises';
import { type Gunzip, type ZstdDecompress, createGunzip, createZstdDecompress } from 'node:zlib';

import { CHUNK_BYTES, EngineError, systemErrorCode } from '../core/index.ts';
import { SIGNATURE_BYTES, detectCompression } from './content-format.ts';
import { type FramePiece, ZstdFrameWalker } from './zstd-frames.ts';

type Bytes = AsyncIterable<Uint8Array>;

function truncated(cause?: unknown): EngineError {
	return new EngineError('artifact_truncated', 'The compressed data ends in the middle', {
		remedy: 'The file was cut, for example by a broken transfer. Use another copy.',
		cause,
	});
}

function decompressError(error: unknown): unknown {
	const code = systemErrorCode(error);
	if (code === 'Z_BUF_ERROR') return truncated(error);
	if (code === undefined || !/^(Z_|ZSTD_|ERR_ZSTD)/.test(code)) return error;
	return new EngineError('artifact_corrupt', 'The compressed data is damaged', {
		remedy: 'Use another copy of this file.',
		details: { system: code },
		cause: error,
	});
}

/**
 * Large pieces, several ahead, so that the thread pool unpacks while the content is used; as objects,
 * because a stream of bytes would join what waits into one piece, copying it.
 */
const AHEAD = {
	chunkSize: 4 * CHUNK_BYTES,
	readableObjectMode: true,
	readableHighWaterMark: 4,
	writableHighWaterMark: 4 * CHUNK_BYTES,
};

/** Feeds `source` through one decompressor; ends only when both sides have ended. */
async function* through(source: Bytes, decompressor: Gunzip | ZstdDecompress): Bytes {
	const feeding = pipeline(source, decompressor);
	// Reported by the await below; without this an early error counts as unhandled meanwhile.
	feeding.catch(() => undefined);
	try {
		yield* decompressor as Bytes;
		await feeding;
	} catch (error) {
		throw decompressError(error);
	} finally {
		decompressor.destroy();
	}
}

async function* framePieces(chunks: Bytes): AsyncGenerator<FramePiece> {
	const walker = new ZstdFrameWalker();
	for await (const chunk of chunks) yield* walker.feed(chunk);
	if (!walker.atBorder) throw truncated();
}

async function* oneFrame(first: FramePiece, pieces: AsyncGenerator<FramePiece>): Bytes {
	yield first.bytes;
	if (first.last) return;
	for (;;) {
		const next = await pieces.next();
		if (next.done === true) throw truncated();
		yield next.value.bytes;
		if (next.value.last) return;
	}
}

async function* unzstd(chunks: Bytes): Bytes {
	const pieces = framePieces(chunks);
	try {
		for (;;) {
			const next = await pieces.next();
			if (next.done === true) return;
			if (next.value.skippable) continue;
			yield* through(oneFrame(next.value, pieces), createZstdDecompress(AHEAD));
		}
	} finally {
		await pieces.return(undefined);
	}
}

/** The first bytes of a stream, and the whole stream again. */
async function peek(chunks: Bytes): Promise<{ head: Uint8Array; all: Bytes }> {
	const iterator = chunks[Symbol.asyncIterator]();
	const seen: Uint8Array[] = [];
	let bytes = 0;
	while (bytes < SIGNATURE_BYTES) {
		const next = await iterator.next();
		if (next.done === true) break;
		seen.push(next.value);
		bytes += next.value.length;
	}
	async function* all(): Bytes {
		try {
			yield* seen;
			yield* { [Symbol.asyncIterator]: () => iterator };
		} finally {
			await iterator.return?.();
		}
	}
	return { head: Buffer.concat(seen).subarray(0, SIGNATURE_BYTES), all: all() };
}

/**
 * The content of a plain, gzip or zstd stream, told apart by its first bytes. Ends only at a proven
 * end; throws `artifact_truncated`, `artifact_corrupt` or `artifact_unknown_format`.
 */
export async function* decompress(chunks: Bytes): Bytes {
	const { head, all } = await peek(chunks);
	switch (detectCompression(head)) {
		case 'zstd':
			yield* unzstd(all);
			break;
		case 'gzip':
			yield* through(all, createGunzip(AHEAD));
			break;
		case 'none':
			yield* all;
	}
}
