export const BLOCK_BYTES = 512;
/** What eleven octal digits can say: 8 GiB less one byte. */
export const SIZE_MAX = 0o77777777777;

/** Bytes from the end of `size` bytes to the next block. */
export function paddingOf(size: number): number {
	return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}
