import { pipeline } from 'node:stream/promises';
import type { Gunzip, ZstdDecompress } from 'node:zlib';

import { CHUNK_BYTES, EngineError, systemErrorCode } from '../core/index.ts';

type Bytes = AsyncIterable<Uint8Array>;

export function truncated(cause?: unknown): EngineError {
	return new EngineError('artifact_truncated', 'The compressed data ends in the middle', {
		remedy: 'The file was cut, for example by a broken transfer. Use another copy.',
		cause,
	});
}

export function decompressError(error: unknown): unknown {
	const code = systemErrorCode(error);
	if (code === 'Z_BUF_ERROR') return truncated(error);
	if (code === undefined || !/^(Z_|ZSTD_|ERR_ZSTD|ERR_BUFFER_TOO_LARGE)/.test(code)) return error;
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
export function streamOptions(): { readonly chunkSize: number } {
	const options = {
		chunkSize: 4 * CHUNK_BYTES,
		readableObjectMode: true,
		readableHighWaterMark: 4,
		writableHighWaterMark: 4 * CHUNK_BYTES,
	};
	return options;
}

/** Feeds `source` through one decompressor; ends only when both sides have ended. */
export async function* through(source: Bytes, decompressor: Gunzip | ZstdDecompress): Bytes {
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
