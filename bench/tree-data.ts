import { randomFillSync } from 'node:crypto';
import {
	closeSync,
	mkdirSync,
	openSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';

const FILES_PER_FOLDER = 100;
const LINKS = 400;
const CHUNK_BYTES = 1024 * 1024;
/** Half of it compresses, as measured data and their tables do. */
const NOISE = randomFillSync(Buffer.alloc(CHUNK_BYTES));
const TEXT = Buffer.alloc(CHUNK_BYTES, 'time;voltage;current\n0.001;4.2;0.017\n');

/** Files of 0.2 to 12 kB in folders of a hundred, and links to mounted storage. */
export function makeSmallFiles(root: string, count: number): void {
	for (let index = 0; index < count; index++) {
		const folder = join(root, `run ${Math.floor(index / FILES_PER_FOLDER)}`);
		if (index % FILES_PER_FOLDER === 0) mkdirSync(folder, { recursive: true });
		const bytes = 200 + ((index * 7919) % 11_800);
		const from = (index * 131) % (CHUNK_BYTES - bytes);
		const source = index % 2 === 0 ? NOISE : TEXT;
		writeFileSync(join(folder, `measurement ${index}.csv`), source.subarray(from, from + bytes));
	}
	for (let index = 0; index < LINKS; index++) {
		symlinkSync(`/mnt/ext/data/${index}`, join(root, `external ${index}`));
	}
}

export function makeLargeFiles(root: string, count: number, bytes: number): void {
	mkdirSync(root);
	for (let index = 0; index < count; index++) {
		const fd = openSync(join(root, `image ${index}.tif`), 'w');
		for (let done = 0; done < bytes; done += CHUNK_BYTES) {
			const chunk = (done / CHUNK_BYTES) % 2 === 0 ? NOISE : TEXT;
			writeSync(fd, chunk, 0, Math.min(CHUNK_BYTES, bytes - done));
		}
		closeSync(fd);
	}
}

/** One file with a little at its start and at its end. */
export function makeSparseFile(root: string, bytes: number): void {
	mkdirSync(root);
	const path = join(root, 'stack.h5');
	writeFileSync(path, TEXT.subarray(0, 4096));
	truncateSync(path, bytes - 4096);
	writeFileSync(path, TEXT.subarray(0, 4096), { flag: 'a' });
}
