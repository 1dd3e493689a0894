export const BLOCK_BYTES = 512;

/** Bytes from the end of `size` bytes to the next block. */
export function paddingOf(size: number): number {
	return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}
