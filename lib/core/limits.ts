/** Caps and sizes that several engines share, each with its unit and its reason. */

/** Bytes per read and per transferred buffer: large enough that the cost per call does not matter. */
export const CHUNK_BYTES = 256 * 1024;

/** A manifest lists frames, about 200 bytes for each megabyte or more of a dump; more is not ours. */
export const MANIFEST_MAX_BYTES = 64 * 1024 * 1024;

/** Incremental archives after a full one: with nightly runs, a full one every week. */
export const INCREMENTS_MAX_DEFAULT = 6;
