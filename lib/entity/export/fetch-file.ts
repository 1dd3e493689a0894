import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import { EngineError } from '../../core/index.ts';
import type { CaosDbClient } from '../client/client.ts';
import type { Entity } from '../model.ts';

/** What a File entity says about its content. */
export interface FileFacts {
	/** Absolute in the server's file root. */
	readonly path: string;
	/** SHA-512 in hex; null when the server does not tell. */
	readonly checksum: string | null;
	/** Bytes; null when the server does not tell. */
	readonly size: number | null;
}

/** Takes a content's bytes; `begin` is called before each try. */
export interface ContentSink {
	begin(): Promise<void>;
	write(chunk: Uint8Array): Promise<void>;
}

/** The facts of a File entity; undefined for one without a path. */
export function fileFacts({ path, checksum, size }: Entity): FileFacts | undefined {
	if (path === null) return undefined;
	const bytes = size === null || !/^\d+$/.test(size) ? null : Number(size);
	return { path, checksum: checksum === null || checksum === '' ? null : checksum, size: bytes };
}

function corrupt(path: string, reason: string): EngineError {
	return new EngineError('entity_file_corrupt', `The content of ${path} ${reason}`, {
		remedy: 'Look at this file in the file root of the server, and at the health of its disk.',
		details: { path },
	});
}

async function receive(content: Readable, { path, checksum, size }: FileFacts, sink: ContentSink) {
	await sink.begin();
	const hash = createHash('sha512');
	let bytes = 0;
	for await (const chunk of content as AsyncIterable<Uint8Array>) {
		bytes += chunk.length;
		if (size !== null && bytes > size) throw corrupt(path, 'is longer than its entity says');
		hash.update(chunk);
		await sink.write(chunk);
	}
	if (size !== null && bytes !== size) throw corrupt(path, 'is shorter than its entity says');
	if (checksum !== null && hash.digest('hex') !== checksum.toLowerCase()) {
		throw corrupt(path, 'does not have the checksum that its entity says');
	}
	return bytes;
}

/**
 * Downloads a file and proves it by length and SHA-512; a bad one is fetched again. Returns its bytes. Throws
 * `entity_file_corrupt`, `entity_file_missing`, `tree_entry_unsafe`, and what the client throws.
 */
export async function fetchFile(
	client: CaosDbClient,
	facts: FileFacts,
	sink: ContentSink,
): Promise<number> {
	return await client.download(facts.path, async (content) => await receive(content, facts, sink));
}
