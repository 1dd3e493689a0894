import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import { CHUNK_BYTES, EngineError } from '../core/index.ts';

/** Files up to this size are read whole before their header is written, so that they can be read again. */
export const WHOLE_FILE_BYTES = 1024 * 1024;
const TRIES = 3;
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function changed(display: string): EngineError {
	return new EngineError('tree_entry_changed', `${display} changed while it was read`, {
		remedy: 'Stop the CaosDB server, or whatever writes there, during the archive.',
		details: { path: display },
	});
}

function sameVersion(a: BigIntStats, b: BigIntStats): boolean {
	return (
		a.ino === b.ino &&
		a.dev === b.dev &&
		a.size === b.size &&
		a.mtimeNs === b.mtimeNs &&
		a.ctimeNs === b.ctimeNs
	);
}

function readFully(fd: number, buffer: Buffer): number {
	let filled = 0;
	while (filled < buffer.length) {
		const count = readSync(fd, buffer, filled, buffer.length - filled, null);
		if (count === 0) break;
		filled += count;
	}
	return filled;
}

export interface WholeFile {
	readonly content: Buffer;
	readonly stats: BigIntStats;
}

/**
 * Reads a small file whole, again when it changed meanwhile. Throws `tree_entry_changed` and system
 * errors; `undefined` when it has grown beyond WHOLE_FILE_BYTES.
 */
export function readWhole(path: Buffer, display: string): WholeFile | undefined {
	for (let tries = 0; tries < TRIES; tries++) {
		const fd = openSync(path, READ_FLAGS);
		try {
			const stats = fstatSync(fd, { bigint: true });
			if (!stats.isFile()) throw changed(display);
			if (stats.size > WHOLE_FILE_BYTES) return undefined;
			const content = Buffer.allocUnsafe(Number(stats.size));
			// One byte more than expected must not come.
			const isWhole =
				readFully(fd, content) === content.length && readFully(fd, Buffer.alloc(1)) === 0;
			if (isWhole && sameVersion(stats, fstatSync(fd, { bigint: true }))) return { content, stats };
		} finally {
			closeSync(fd);
		}
	}
	throw changed(display);
}

/** A large file under way. */
export interface OpenFile {
	readonly stats: BigIntStats;
	/** Its bytes, exactly `stats.size` of them; throws `tree_entry_changed` at the end if it changed. */
	chunks(): Generator<Buffer>;
	close(): void;
}

export function openLarge(path: Buffer, display: string): OpenFile {
	const fd = openSync(path, READ_FLAGS);
	const stats = fstatSync(fd, { bigint: true });
	function* chunks(): Generator<Buffer> {
		let left = Number(stats.size);
		while (left > 0) {
			const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, left));
			if (readFully(fd, chunk) < chunk.length) throw changed(display);
			left -= chunk.length;
			yield chunk;
		}
		const isEnd = readFully(fd, Buffer.alloc(1)) === 0;
		if (!isEnd || !sameVersion(stats, fstatSync(fd, { bigint: true }))) throw changed(display);
	}
	return { stats, chunks, close: () => closeSync(fd) };
}
