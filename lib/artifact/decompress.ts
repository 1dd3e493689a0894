import { createGunzip } from 'node:zlib';

import { SIGNATURE_BYTES, detectCompression } from './content-format.ts';
import { streamOptions, through } from './unpack-stream.ts';
import { unpackZstd } from './unpack-zstd.ts';

type Bytes = AsyncIterable<Uint8Array>;

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
			yield* unpackZstd(all);
			break;
		case 'gzip':
			yield* through(all, createGunzip(streamOptions()));
			break;
		case 'none':
			yield* all;
	}
}
