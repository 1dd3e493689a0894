import { createHash } from 'node:crypto';

import { openFileBytes } from '../artifact/index.ts';
import { EngineError, throwIfAborted } from '../core/index.ts';
import type { FileContent, NeededFile } from '../entity/index.ts';

/**
 * A file on disk as content to be sent, read once to have its checksum. Throws `entity_file_corrupt` when that is
 * not the one that the source says.
 */
export async function contentFile(
	file: { readonly path: string; readonly displayPath: string },
	needed: NeededFile,
	signal: AbortSignal,
): Promise<FileContent> {
	const open = openFileBytes(file.path, file.displayPath);
	const hash = createHash('sha512');
	let bytes = 0;
	for await (const chunk of await open()) {
		throwIfAborted(signal);
		hash.update(chunk);
		bytes += chunk.length;
	}
	const sha512 = hash.digest('hex');
	if (needed.checksum === null || needed.checksum.toLowerCase() === sha512) {
		return { bytes, sha512, open };
	}
	throw new EngineError(
		'entity_file_corrupt',
		`The content of ${needed.path} in the source is not what its entity says`,
		{
			remedy: 'Its checksum (SHA-512) differs: export it again, or use another copy.',
			details: { path: needed.path, bytes },
		},
	);
}
