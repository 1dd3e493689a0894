import type { Readable } from 'node:stream';

const streams = new WeakSet<Readable>();

/**
 * Says that nobody but the reader of the stream has its chunks: their memory may move to another thread, which
 * saves a copy, and the 60 MB of what was copied and is not collected yet.
 */
export function givesChunksAway<T extends Readable>(stream: T): T {
	streams.add(stream);
	return stream;
}

/** Whether that was said. */
export function areChunksOwn(stream: Readable): boolean {
	return streams.has(stream);
}
