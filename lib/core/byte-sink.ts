/** Takes bytes on their way to a file. */
export interface ByteSink {
	/**
	 * The bytes belong to the sink from now on. Resolves when more may come; rejects when they cannot be
	 * carried on, then and ever after.
	 */
	write(bytes: Uint8Array): Promise<void>;
}
