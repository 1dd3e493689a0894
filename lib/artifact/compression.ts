import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

import { CHUNK_BYTES, EngineError } from '../core/index.ts';

export const COMPRESSION_KINDS = ['zstd', 'gzip', 'none'] as const;
export type CompressionKind = (typeof COMPRESSION_KINDS)[number];

/** How an artifact is compressed. `level` is the compressor's own scale; 0 for `none`. */
export interface Compression {
	readonly kind: CompressionKind;
	readonly level: number;
}

interface Codec {
	readonly suffix: string;
	readonly mimeType: string | undefined;
	readonly defaultLevel: number;
	readonly maxLevel: number;
}

/**
 * zstd 1 is the default because on dumps of CaosDB it gave smaller files than 3 in half the processor
 * time. Levels above 19 need more memory to read than a restore may count on.
 */
const CODECS: Readonly<Record<CompressionKind, Codec>> = {
	zstd: { suffix: '.zst', mimeType: 'application/zstd', defaultLevel: 1, maxLevel: 19 },
	gzip: { suffix: '.gz', mimeType: 'application/gzip', defaultLevel: 6, maxLevel: 9 },
	none: { suffix: '', mimeType: undefined, defaultLevel: 0, maxLevel: 0 },
};

/** Completes and checks a choice of compression. Throws `invalid_option`. */
export function resolveCompression(kind: string, level?: number): Compression {
	const known = COMPRESSION_KINDS.find((candidate) => candidate === kind);
	if (known === undefined) {
		throw new EngineError('invalid_option', `There is no compression '${kind}'`, {
			remedy: `Choose one of ${COMPRESSION_KINDS.join(', ')}.`,
		});
	}
	const { defaultLevel, maxLevel } = CODECS[known];
	const wanted = level === undefined || known === 'none' ? defaultLevel : level;
	const lowest = known === 'none' ? 0 : 1;
	if (!Number.isInteger(wanted) || wanted < lowest || wanted > maxLevel) {
		throw new EngineError('invalid_option', `${known} has no compression level ${wanted}`, {
			remedy: `Choose a whole number from ${lowest} to ${maxLevel}.`,
		});
	}
	return { kind: known, level: wanted };
}

/** File name suffix, with its dot. */
export function compressionSuffix(kind: CompressionKind): string {
	return CODECS[kind].suffix;
}

/** MIME type of the compressed file; `plain` is that of the content. */
export function compressedMimeType(kind: CompressionKind, plain: string): string {
	return CODECS[kind].mimeType ?? plain;
}

/**
 * A compressing stream, or undefined when nothing is to be done. The stream's own pieces of 16 kB would
 * each cost a turn of the thread pool and a write.
 */
export function createCompressor({ kind, level }: Compression): Transform | undefined {
	switch (kind) {
		case 'zstd':
			return createZstdCompress({
				chunkSize: CHUNK_BYTES,
				params: {
					[constants.ZSTD_c_compressionLevel]: level,
					// Node.js leaves it off; without it a flipped bit can go unnoticed.
					[constants.ZSTD_c_checksumFlag]: 1,
				},
			});
		case 'gzip':
			return createGzip({ level, chunkSize: CHUNK_BYTES });
		case 'none':
			return undefined;
	}
}

/** Content through the compressor, if there is one; ends only when both have ended. */
export async function* compressChunks(
	chunks: AsyncIterable<Uint8Array>,
	compression: Compression,
): AsyncGenerator<Uint8Array> {
	const compressor = createCompressor(compression);
	if (compressor === undefined) {
		yield* chunks;
		return;
	}
	const feeding = pipeline(Readable.from(chunks, { objectMode: false }), compressor);
	// Reported by the await below; until then it must not count as unhandled.
	feeding.catch(() => undefined);
	try {
		yield* compressor as AsyncIterable<Uint8Array>;
		await feeding;
	} finally {
		compressor.destroy();
	}
}
