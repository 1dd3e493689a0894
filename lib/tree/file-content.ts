import {
	type BigIntStats,
	closeSync,
	constants,
	fstatSync,
	fsyncSync,
	openSync,
	readSync,
	statfsSync,
} from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';

import { CHUNK_BYTES, EngineError, throwIfAborted } from '../core/index.ts';
import { changedEntry } from './entry-errors.ts';
import { HoleFinder, type SparseMap, storedBytes } from './sparse-map.ts';

/** Files up to this size are read whole before their header is written, so that they can be read again. */
export const WHOLE_FILE_BYTES = 1024 * 1024;
const TRIES = 3;
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** `stats.blocks` counts these, whatever the file system's own blocks are. */
const STAT_BLOCK_BYTES = 512n;
/**
 * File systems whose files of this size without a block are holes for sure. Others keep small content
 * elsewhere, or do not count blocks at all (many network and FUSE file systems say 0 for every file).
 */
const HONEST_FILE_SYSTEMS: ReadonlySet<number> = new Set([
	0xef53 /* ext4 */, 0x58465342 /* XFS */, 0x01021994 /* tmpfs */, 0x9123683e /* btrfs */,
]);
const CHUNKS_PER_TURN = 64;

function sameVersion(a: BigIntStats, b: BigIntStats): boolean {
	return (
		a.ino === b.ino &&
		a.dev === b.dev &&
		a.size === b.size &&
		a.mtimeNs === b.mtimeNs &&
		a.ctimeNs === b.ctimeNs
	);
}

/** Where bytes of a file go. */
export interface Place {
	readonly buffer: Buffer;
	readonly at: number;
	readonly bytes: number;
}

function readFully(fd: number, { buffer, at, bytes }: Place, position: number): number {
	let filled = 0;
	while (filled < bytes) {
		const count = readSync(fd, buffer, at + filled, bytes - filled, position + filled);
		if (count === 0) break;
		filled += count;
	}
	return filled;
}

function all(buffer: Buffer): Place {
	return { buffer, at: 0, bytes: buffer.length };
}

/** Fewer blocks than bytes: worth a search for holes. */
export function mayHaveHoles({ blocks, size }: BigIntStats): boolean {
	return blocks * STAT_BLOCK_BYTES < size;
}

/** The map, if it leaves anything out. */
function mapIfSparse(finder: HoleFinder, size: number): SparseMap | undefined {
	const map = finder.map();
	return storedBytes(map) < size ? map : undefined;
}

export interface WholeFile {
	readonly content: Buffer;
	readonly stats: BigIntStats;
	readonly sparse: SparseMap | undefined;
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
			if (!stats.isFile()) throw changedEntry(display, 'was replaced while the tree was read');
			if (stats.size > WHOLE_FILE_BYTES) return undefined;
			const content = Buffer.allocUnsafe(Number(stats.size));
			// One byte more than expected must not come: comparing the size finds that too.
			const isWhole = readFully(fd, all(content), 0) === content.length;
			if (!isWhole || !sameVersion(stats, fstatSync(fd, { bigint: true }))) continue;
			if (!mayHaveHoles(stats)) return { content, stats, sparse: undefined };
			const finder = new HoleFinder();
			finder.add(content);
			return { content, stats, sparse: mapIfSparse(finder, content.length) };
		} finally {
			closeSync(fd);
		}
	}
	throw changedEntry(display);
}

/**
 * Reads the content of a file to its place if the file is, before and after, as its `stats` say. False
 * for any other file, and for one that cannot be read: `readWhole` then says what is the matter.
 */
export function readUnchanged(path: Buffer, stats: BigIntStats, place: Place): boolean {
	try {
		const fd = openSync(path, READ_FLAGS);
		try {
			const isWhole = readFully(fd, place, 0) === place.bytes;
			return isWhole && sameVersion(stats, fstatSync(fd, { bigint: true }));
		} finally {
			closeSync(fd);
		}
	} catch {
		return false;
	}
}

/** A large file under way. */
export class LargeFile {
	readonly stats: BigIntStats;
	readonly #fd: number;
	readonly #display: string;

	/** Throws `tree_entry_changed` and system errors. */
	constructor(path: Buffer, display: string) {
		this.#fd = openSync(path, READ_FLAGS);
		this.#display = display;
		try {
			this.stats = fstatSync(this.#fd, { bigint: true });
			if (!this.stats.isFile()) throw changedEntry(display, 'was replaced while the tree was read');
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Where there is anything but zeros; `undefined` when it is no sparse file. */
	async findHoles(signal: AbortSignal): Promise<SparseMap | undefined> {
		if (this.#isOneHole()) return [];
		if (!mayHaveHoles(this.stats) || this.#hasUncountedBlocks()) return undefined;
		const size = Number(this.stats.size);
		const finder = new HoleFinder();
		const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
		let turn = 0;
		for (let offset = 0; offset < size; offset += buffer.length) {
			if (++turn % CHUNKS_PER_TURN === 0) await immediate();
			throwIfAborted(signal);
			const bytes = Math.min(buffer.length, size - offset);
			this.#readTo({ buffer, at: 0, bytes }, offset);
			finder.add(buffer.subarray(0, bytes));
		}
		return mapIfSparse(finder, size);
	}

	/** Reads bytes from `position` on to their place; throws `tree_entry_changed` and system errors. */
	read(place: Place, position: number): void {
		this.#readTo(place, position);
		this.assertSame();
	}

	/** Throws `tree_entry_changed`. */
	assertSame(): void {
		if (!sameVersion(this.stats, fstatSync(this.#fd, { bigint: true }))) throw this.#changed();
	}

	close(): void {
		closeSync(this.#fd);
	}

	#readTo(place: Place, position: number): void {
		if (readFully(this.#fd, place, position) < place.bytes) throw this.#changed();
	}

	/** Without a block there is nothing to read, once what is still in memory is on the disk. */
	#isOneHole(): boolean {
		if (this.stats.blocks > 0n || this.stats.size <= WHOLE_FILE_BYTES) return false;
		const path = `/proc/self/fd/${this.#fd}`;
		try {
			if (!HONEST_FILE_SYSTEMS.has(statfsSync(path).type)) return false;
			fsyncSync(this.#fd);
			return fstatSync(this.#fd, { bigint: true }).blocks === 0n;
		} catch {
			return false;
		}
	}

	/** A file that says it has no blocks, and begins with content: then blocks say nothing there. */
	#hasUncountedBlocks(): boolean {
		if (this.stats.blocks > 0n) return false;
		const start = Buffer.allocUnsafe(WHOLE_FILE_BYTES);
		return start.subarray(0, readFully(this.#fd, all(start), 0)).some((byte) => byte !== 0);
	}

	#changed(): EngineError {
		return changedEntry(this.#display);
	}
}
