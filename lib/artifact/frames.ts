import type { FrameLabel } from '../core/index.ts';

/**
 * A piece of an artifact that can be read without the rest: a zstd frame or gzip member of its own (or,
 * uncompressed, a range of the file). All positions and lengths in bytes.
 */
export interface Frame extends FrameLabel {
	/** In the file. */
	readonly offset: number;
	readonly bytes: number;
	/** In the content before compression. */
	readonly contentOffset: number;
	readonly contentBytes: number;
}

function isLength(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isLabel({ object, rows, checksum }: Readonly<Record<string, unknown>>): boolean {
	return (
		(object === undefined || (typeof object === 'string' && /^[a-z]+:./s.test(object))) &&
		(rows === undefined || (Number.isSafeInteger(rows) && Number(rows) >= 0)) &&
		(checksum === undefined || (typeof checksum === 'string' && /^[0-9a-f]{16}$/.test(checksum)))
	);
}

/** Whether these are frames that follow each other without a gap and make up the whole artifact. */
export function areFramesOf(frames: unknown, bytes: number, contentBytes: number): boolean {
	if (!Array.isArray(frames)) return false;
	let offset = 0;
	let contentOffset = 0;
	for (const frame of frames as unknown[]) {
		if (typeof frame !== 'object' || frame === null) return false;
		const fields = frame as Readonly<Record<string, unknown>>;
		if (fields.offset !== offset || fields.contentOffset !== contentOffset) return false;
		if (!isLength(fields.bytes) || !isLength(fields.contentBytes) || !isLabel(fields)) return false;
		offset += fields.bytes;
		contentOffset += fields.contentBytes;
	}
	return offset === bytes && contentOffset === contentBytes;
}
