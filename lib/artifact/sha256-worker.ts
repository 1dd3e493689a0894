import { type Hash, createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/* Makes SHA-256 sums on a thread of its own: hash-thread.ts is the other side. */

export interface HashRequest {
	readonly ticket: number;
	/** Number of the sum. */
	readonly sum: number;
	/** What comes next in it; absent: it ends. Shared memory is read before the answer. */
	readonly bytes?: Uint8Array;
}

export interface HashReply {
	readonly ticket: number;
	/** 64 lower-case hex digits, when it has ended. */
	readonly sha256?: string;
}

const hashes = new Map<number, Hash>();

function answer({ ticket, sum, bytes }: HashRequest): HashReply {
	const hash = hashes.get(sum) ?? createHash('sha256');
	if (bytes !== undefined) {
		hashes.set(sum, hash.update(bytes));
		return { ticket };
	}
	hashes.delete(sum);
	return { ticket, sha256: hash.digest('hex') };
}

if (parentPort !== null) {
	const port = parentPort;
	port.on('message', (request: HashRequest) => port.postMessage(answer(request)));
}
