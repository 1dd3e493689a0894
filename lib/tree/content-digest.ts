import { createHash } from 'node:crypto';
import { setImmediate as immediate } from 'node:timers/promises';

import { throwIfAborted } from '../core/index.ts';
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
		let turn = 0;
		for (const chunk of file.chunks(undefined)) {
			hash.update(chunk);
			if (++turn % CHUNKS_PER_TURN !== 0) continue;
			await immediate();
			throwIfAborted(signal);
		}
		return hash.digest('hex');
	} finally {
		file.close();
	}
}
