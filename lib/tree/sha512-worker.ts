import { type Hash, createHash, hash as hashOnce } from 'node:crypto';
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

/** Of the file that is under way. */
let hash: Hash | undefined;

function run({ slab, steps }: HashTask, bytes: Uint8Array): HashAnswer {
	const digests: Buffer[] = [];
	let at = 0;
	for (let index = 0; index < steps.length; index++) {
		const step = steps[index] ?? 0;
		const content = bytes.subarray(at, at + Math.max(step, 0));
		at += content.length;
		// A small file lies in one piece: without an object of its own it takes a fifth less time.
		if (hash === undefined && step > 0 && steps[index + 1] === 0) {
			digests.push(hashOnce('sha512', content, 'buffer'));
			index++;
			continue;
		}
		hash ??= createHash('sha512');
		if (step > 0) hash.update(content);
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
