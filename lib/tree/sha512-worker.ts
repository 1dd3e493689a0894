import { type Hash, createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * Hashes contents on a thread of its own: content-hasher.ts is the other side, and puts what is to be
 * hashed into memory that both see.
 */

/** How content lies in a slab: so many bytes of it, so many zeros (negative), or the end of a file (0). */
export type HashSteps = readonly number[];

export interface HashTask {
	/** Index of the slab. */
	readonly slab: number;
	readonly steps: HashSteps;
}

export interface HashAnswer {
	readonly slab: number;
	/** 64 bytes for each file that ended. */
	readonly digests: Uint8Array;
}

const ZEROS = Buffer.alloc(1024 * 1024);

function updateZeros(hash: Hash, count: number): void {
	for (let left = count; left > 0; left -= ZEROS.length) {
		hash.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
	}
}

let hash: Hash | undefined;

function run({ slab, steps }: HashTask, bytes: Uint8Array): HashAnswer {
	const digests: Buffer[] = [];
	let at = 0;
	for (const step of steps) {
		hash ??= createHash('sha512');
		if (step > 0) hash.update(bytes.subarray(at, (at += step)));
		else if (step < 0) updateZeros(hash, -step);
		else {
			digests.push(hash.digest());
			hash = undefined;
		}
	}
	return { slab, digests: new Uint8Array(Buffer.concat(digests)) };
}

if (parentPort !== null) {
	const port = parentPort;
	const slabs = (workerData as readonly SharedArrayBuffer[]).map((slab) => new Uint8Array(slab));
	port.on('message', (task: HashTask) => {
		port.postMessage(run(task, slabs[task.slab] ?? new Uint8Array()));
	});
}
