import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';

import { CHUNK_BYTES, EngineError, fileError, throwIfAborted } from '../core/index.ts';
import { decompress } from './decompress.ts';
import { type ByteDigest, HashTap } from './hash-tap.ts';

/** Opens the stored bytes from their start; may be called again for a second reading. */
export type OpenBytes = () => Promise<AsyncIterable<Uint8Array>>;

/** What a manifest promises about a file. */
export type ExpectedDigest = ByteDigest;

async function* readFile(file: FileHandle, displayPath: string): AsyncGenerator<Uint8Array> {
	try {
		for (;;) {
			const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
			const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
			if (bytesRead === 0) return;
			yield buffer.subarray(0, bytesRead);
		}
	} catch (error) {
		throw fileError(error, displayPath);
	} finally {
		await file.close();
	}
}

/** A file as stored bytes; never through a symbolic link at its end. Throws the path codes. */
export function openFileBytes(path: string, displayPath: string): OpenBytes {
	return async () => {
		try {
			const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
			return readFile(file, displayPath);
		} catch (error) {
			throw fileError(error, displayPath);
		}
	};
}

/** Size of a file, itself no link. Throws the path codes. */
export async function fileBytes(path: string, displayPath: string): Promise<number> {
	try {
		return (await lstat(path)).size;
	} catch (error) {
		throw fileError(error, displayPath);
	}
}

/** One reading of an artifact: its content, and the digest of what was read once that has ended. */
export interface ArtifactReading {
	readonly chunks: AsyncIterable<Uint8Array>;
	/**
	 * Throws `internal` unless `chunks` was read to its end, where it is compared with what was expected:
	 * a consumer that stops at the end of its own format would otherwise skip the comparison.
	 */
	assertEnded(): void;
}

/**
 * Reads an artifact's content and, at its end, compares the stored bytes with `expected`: the last
 * chunk is followed by an error when they differ, so a consumer must not commit before the end. The file
 * is opened by the first read, so that a consumer that never begins leaves none open.
 */
export function readArtifact(
	openBytes: OpenBytes,
	signal: AbortSignal,
	expected?: ExpectedDigest,
): ArtifactReading {
	const tap = expected === undefined ? undefined : new HashTap();
	let ended = false;
	async function* guarded(): AsyncGenerator<Uint8Array> {
		// Not before: what is never read would stay open.
		const source = await openBytes();
		for await (const chunk of tap?.tap(source) ?? source) {
			throwIfAborted(signal);
			yield chunk;
		}
	}
	async function* content(): AsyncGenerator<Uint8Array> {
		yield* decompress(guarded());
		if (expected !== undefined && tap !== undefined) {
			assertDigest(await tap.result(), expected);
		}
		ended = true;
	}
	return {
		chunks: content(),
		assertEnded: () => {
			if (!ended) throw new EngineError('internal', 'The artifact was not read to its end');
		},
	};
}

/** Throws `artifact_truncated` or `artifact_corrupt` unless a file is the one that was expected. */
export function assertDigest(actual: ByteDigest, expected: ExpectedDigest): void {
	if (actual.bytes < expected.bytes) {
		throw new EngineError(
			'artifact_truncated',
			`The file has ${actual.bytes} bytes, its manifest says ${expected.bytes}`,
			{ remedy: 'It was cut, for example by a broken transfer. Use another copy.' },
		);
	}
	if (actual.bytes !== expected.bytes || actual.sha256 !== expected.sha256) {
		throw new EngineError('artifact_corrupt', 'The file is not the one that its manifest lists', {
			remedy: 'Its checksum (SHA-256) differs: use another copy.',
			details: { expected: expected.sha256, actual: actual.sha256 },
		});
	}
}
