import { type ByteChunk, endOfFrame } from '../core/index.ts';

/** Frames of this size are hardly larger than one would be, and several are packed at a time. */
const FRAME_BYTES = 2 * 1024 * 1024;

/** Marks the ends of frames in content that has none of its own. Content of no bytes has no frame. */
export async function* evenFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ByteChunk> {
	let held: Uint8Array | undefined;
	let bytes = 0;
	for await (const chunk of chunks) {
		if (chunk.length === 0) continue;
		if (held !== undefined) {
			bytes += held.length;
			yield bytes >= FRAME_BYTES ? endOfFrame(held, {}) : held;
			if (bytes >= FRAME_BYTES) bytes = 0;
		}
		held = chunk;
	}
	if (held !== undefined) yield endOfFrame(held, {});
}
