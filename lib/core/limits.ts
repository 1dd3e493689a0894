/** Caps and sizes that several engines share, each with its unit and its reason. */

/** Bytes per read and per transferred buffer: large enough that the cost per call does not matter. */
export const CHUNK_BYTES = 256 * 1024;

/** A manifest is text of a few kilobytes per thousand tables; more is not ours. */
export const MANIFEST_MAX_BYTES = 16 * 1024 * 1024;
