/** What a frame holds: a piece of an artifact that can be read without the rest. */
export interface FrameLabel {
	/** `kind:name`, e.g. `table:entities`; absent for what stands before and after all objects. */
	readonly object?: string;
	/** Rows of the table in this frame. */
	readonly rows?: number;
	/** Content checksum of those rows, 16 lower-case hex digits. */
	readonly checksum?: string;
}

/** Bytes of a source; with `frameEnd` they are the last ones of a frame. */
export type ByteChunk = Uint8Array & {
	readonly frameEnd?: FrameLabel;
	/**
	 * Whoever has the chunk to itself may say that nobody reads it any more: the source then writes into
	 * the same memory again. Not saying it only costs memory that must be collected.
	 */
	readonly recycle?: () => void;
};

/** A chunk whose memory may be written into again after `recycle`. */
export function recyclable(bytes: Uint8Array, recycle: () => void): ByteChunk {
	return Object.assign(bytes, { recycle });
}

/** Marks a chunk as the last one of a frame. */
export function endOfFrame(
	bytes: Uint8Array,
	frameEnd: FrameLabel,
	recycle?: () => void,
): ByteChunk {
	return Object.assign(bytes, recycle === undefined ? { frameEnd } : { frameEnd, recycle });
}

/**
 * Bytes made by an engine. Reading to the end without an exception is the proof of completeness; only
 * then may `summary()` be called.
 */
export interface ByteSource<Summary> {
	/** A source marks either the end of every frame, so that its last chunk is marked, or none. */
	readonly chunks: AsyncIterable<ByteChunk>;
	summary(): Summary;
}
