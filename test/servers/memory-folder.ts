import { accessSync, constants, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
/** Three servers with the largest data of the tests, and as much left for all else. */
const ROOM_BYTES = 6 * 1024 ** 3;

/**
 * A folder in memory, when there is room, else the usual temporary one: a test makes and drops thousands
 * of tables, and waiting for the disk takes most of its time.
 */
export function memoryFolder(): string {
	try {
		accessSync(MEMORY, constants.W_OK);
		const { bavail, bsize } = statfsSync(MEMORY);
		return Math.min(bavail * bsize, freemem()) >= ROOM_BYTES ? MEMORY : tmpdir();
	} catch {
		return tmpdir();
	}
}
