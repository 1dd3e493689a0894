import { createHash } from 'node:crypto';
import { setImmediate as immediate } from 'node:timers/promises';

import { CHUNK_BYTES, throwIfAborted } from '../core/index.ts';
import { LargeFile } from './file-content.ts';

const CHUNKS_PER_TURN = 64;

/**
 * The SHA-512 of a file, read for nothing else: 128 lower-case hex digits. Throws `tree_entry_changed`,
 * `cancelled` and system errors.
 */
export async function contentDigest(
	fullPath: Buffer,
	display: string,
	signal: AbortSignal,
): Promise<string> {
	const file = new LargeFile(fullPath, display);
	try {
		const hash = createHash('sha512');
		const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
		const size = Number(file.stats.size);
		let turn = 0;
		for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
			const bytes = Math.min(CHUNK_BYTES, size - offset);
			file.read({ buffer, at: 0, bytes }, offset);
			hash.update(buffer.subarray(0, bytes));
			if (++turn % CHUNKS_PER_TURN !== 0) continue;
			await immediate();
			throwIfAborted(signal);
		}
		file.assertSame();
		return hash.digest('hex');
	} finally {
		file.close();
	}
}
