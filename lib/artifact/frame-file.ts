import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';

import { CHUNK_BYTES, EngineError, fileError, throwIfAborted } from '../core/index.ts';
import { type ExpectedDigest, assertDigest } from './artifact-reader.ts';
import { decompress } from './decompress.ts';
import type { Frame } from './frames.ts';
import { HashTap } from './hash-tap.ts';
import type { ArtifactEntry } from './manifest.ts';

/** A larger frame is unpacked piece by piece. */
const AT_ONCE_BYTES = 4 * 1024 * 1024;
const unzstd = promisify(zstdDecompress);
const ungzip = promisify(gunzip);

/** An artifact whose manifest lists its frames, held open: any of them, in any order, several at once. */
export class FrameFile {
	readonly frames: readonly Frame[];
	readonly #file: FileHandle;
	readonly #displayPath: string;
	readonly #artifact: ArtifactEntry;

	private constructor(file: FileHandle, displayPath: string, artifact: ArtifactEntry) {
		this.#file = file;
		this.#displayPath = displayPath;
		this.#artifact = artifact;
		this.frames = artifact.frames ?? [];
	}

	/** Never through a symbolic link at the end of the path. Throws the path codes. */
	static async open(
		path: string,
		displayPath: string,
		artifact: ArtifactEntry,
	): Promise<FrameFile> {
		try {
			const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
			return new FrameFile(file, displayPath, artifact);
		} catch (error) {
			throw fileError(error, displayPath);
		}
	}

	/** Reads all stored bytes. Throws `artifact_truncated` or `artifact_corrupt` unless they are as expected. */
	async prove(expected: ExpectedDigest, signal: AbortSignal): Promise<void> {
		const tap = new HashTap();
		const { size } = await this.#file.stat();
		for await (const chunk of tap.tap(this.#stored(0, size))) {
			throwIfAborted(signal);
			void chunk;
		}
		assertDigest(await tap.result(), expected);
	}

	/**
	 * The content of the frames `from` up to, but without, `to`. Throws `artifact_corrupt` when a frame has
	 * another length than the manifest says, and as `decompress` does.
	 */
	async *read(from: number, to: number): AsyncGenerator<Uint8Array> {
		for (const frame of this.frames.slice(from, to)) {
			if (frame.contentBytes <= AT_ONCE_BYTES) yield await this.#unpack(frame);
			else yield* this.#unpackInPieces(frame);
		}
	}

	async close(): Promise<void> {
		await this.#file.close();
	}

	async #unpack(frame: Frame): Promise<Uint8Array> {
		const stored = await this.#bytes(frame.offset, frame.bytes);
		const { kind } = this.#artifact.compression;
		try {
			const limit = { maxOutputLength: frame.contentBytes };
			const content =
				kind === 'none' ? stored : await (kind === 'zstd' ? unzstd : ungzip)(stored, limit);
			if (content.length === frame.contentBytes) return content;
		} catch (cause) {
			throw damaged(frame, cause);
		}
		throw damaged(frame);
	}

	async *#unpackInPieces(frame: Frame): AsyncGenerator<Uint8Array> {
		const stored = this.#stored(frame.offset, frame.bytes);
		const { kind } = this.#artifact.compression;
		let bytes = 0;
		for await (const chunk of kind === 'none' ? stored : decompress(stored)) {
			bytes += chunk.length;
			yield chunk;
		}
		if (bytes !== frame.contentBytes) throw damaged(frame);
	}

	async *#stored(offset: number, length: number): AsyncGenerator<Uint8Array> {
		for (let at = 0; at < length; at += CHUNK_BYTES) {
			yield await this.#bytes(offset + at, Math.min(CHUNK_BYTES, length - at));
		}
	}

	async #bytes(offset: number, length: number): Promise<Buffer> {
		const buffer = Buffer.allocUnsafe(length);
		let done = 0;
		while (done < length) {
			const { bytesRead } = await this.#read(buffer, done, offset + done);
			if (bytesRead === 0) {
				throw new EngineError('artifact_truncated', 'The file is shorter than its manifest says', {
					remedy: 'It was cut, for example by a broken transfer. Use another copy.',
				});
			}
			done += bytesRead;
		}
		return buffer;
	}

	async #read(buffer: Buffer, done: number, position: number): Promise<{ bytesRead: number }> {
		try {
			return await this.#file.read(buffer, done, buffer.length - done, position);
		} catch (error) {
			throw fileError(error, this.#displayPath);
		}
	}
}

function damaged({ offset }: Frame, cause?: unknown): EngineError {
	return new EngineError('artifact_corrupt', 'A frame of the file is not as its manifest says', {
		remedy: 'Use another copy of this file.',
		details: { offset },
		cause,
	});
}
