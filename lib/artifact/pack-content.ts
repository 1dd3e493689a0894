import { setTimeout as sleep } from 'node:timers/promises';

import { type ByteChunk, throwIfAborted, waitOrAbort } from '../core/index.ts';
import { type Compression, compressChunks } from './compression.ts';
import { evenFrames } from './even-frames.ts';
import { FramePacker } from './frame-packer.ts';
import type { Frame } from './frames.ts';

/** A source that is left by a cancel gets so long to let go of what it holds (database sessions). */
const FAREWELL_MS = 15_000;

export interface PackedContent {
	readonly chunks: AsyncIterable<ByteChunk>;
	/** Whole after the end of `chunks`; absent when the source marks no frames. */
	readonly frames?: readonly Frame[];
}

/** Content on its way into a file: each frame by itself, or all in one. */
export function packContent(
	chunks: AsyncIterable<ByteChunk>,
	compression: Compression,
	framed: boolean,
): PackedContent {
	if (!framed && compression.kind === 'none') return { chunks };
	const packer = new FramePacker(compression, framed);
	if (!framed) return { chunks: packInFrames(chunks, packer, compression) };
	return { chunks: packer.pack(chunks), frames: packer.frames };
}

/** Readers go on after the first frame or member, so that the content may be cut into many. */
async function* packInFrames(
	chunks: AsyncIterable<ByteChunk>,
	packer: FramePacker,
	compression: Compression,
): AsyncGenerator<Uint8Array> {
	let isEmpty = true;
	for await (const piece of packer.pack(evenFrames(chunks))) {
		isEmpty = false;
		yield piece;
	}
	// A file of no frame at all would be none of its format.
	if (isEmpty) yield* compressChunks(chunks, compression);
}

/** The chunks of a source that may stop delivering: a cancel ends the wait for the next one. */
export async function* interruptible(
	chunks: AsyncIterable<ByteChunk>,
	signal: AbortSignal,
): AsyncGenerator<ByteChunk> {
	const source = chunks[Symbol.asyncIterator]();
	let ended = false;
	try {
		for (;;) {
			throwIfAborted(signal);
			const step = await waitOrAbort(source.next(), signal);
			if (step.done === true) {
				ended = true;
				return;
			}
			yield step.value;
		}
	} finally {
		if (!ended) await farewell(source);
	}
}

async function farewell(source: AsyncIterator<ByteChunk>): Promise<void> {
	const leaving = source.return?.() ?? Promise.resolve();
	const timer = new AbortController();
	const limit = sleep(FAREWELL_MS, undefined, { signal: timer.signal }).catch(() => undefined);
	await Promise.race([leaving.catch(() => undefined), limit]);
	timer.abort();
}
