/**
 * Bytes made by an engine. Reading to the end without an exception is the proof of completeness; only
 * then may `summary()` be called.
 */
export interface ByteSource<Summary> {
	readonly chunks: AsyncIterable<Uint8Array>;
	summary(): Summary;
}
