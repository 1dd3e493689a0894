import { unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { type ByteSink, EngineError } from '../core/index.ts';
import { ByteQueue } from './byte-queue.ts';
import { type Compression, compressionSuffix } from './compression.ts';
import type { CompanionEntry, CompanionRole } from './manifest.ts';
import { timestamp } from './naming.ts';
import { type Folder, type WriteFileOptions, type WrittenFile, writeFile } from './written-file.ts';

/** What a small file beside an artifact is, and the middle of its name, e.g. `.index.jsonl`. */
export interface CompanionPlan {
	readonly role: CompanionRole;
	readonly extension: string;
}

export interface CompanionsOptions {
	readonly folder: Folder;
	/** As of the artifact they go with. */
	readonly stem: string;
	readonly time: Date;
	readonly compression: Compression;
	readonly verify: boolean;
	readonly signal: AbortSignal;
}

interface Writing {
	readonly role: CompanionRole;
	readonly queue: ByteQueue;
	readonly written: Promise<WrittenFile>;
}

/** The small files beside one artifact, written while it is written. */
export class Companions {
	readonly #options: CompanionsOptions;
	readonly #writings: Writing[] = [];

	constructor(options: CompanionsOptions) {
		this.#options = options;
	}

	/** Begins one. Its writer learns from the sink when it cannot be written. */
	open({ role, extension }: CompanionPlan): ByteSink {
		const { folder, stem, time, compression, verify, signal } = this.#options;
		const options: WriteFileOptions = {
			...{ folder, compression, verify, signal, overwrite: false },
			fileName: `${stem}.${timestamp(time)}${extension}${compressionSuffix(compression.kind)}`,
		};
		const queue = new ByteQueue();
		const written = writeFile(queue, options);
		written.catch((error: unknown) => queue.fail(error));
		this.#writings.push({ role, queue, written });
		return queue;
	}

	/** When all bytes are written. Throws what `writeFile` throws. */
	async end(): Promise<CompanionEntry[]> {
		for (const { queue } of this.#writings) queue.end();
		const files = await Promise.all(this.#writings.map(async ({ written }) => await written));
		return files.map(({ fileName, bytes, sha256, content }, index) => ({
			role: this.#writings[index]?.role ?? 'index',
			file: fileName,
			...{ bytes, sha256, contentBytes: content.bytes, contentSha256: content.sha256 },
			compression: this.#options.compression,
		}));
	}

	/** After a failure: none of them is left. */
	async discard(): Promise<void> {
		for (const { queue, written } of this.#writings) {
			queue.fail(new EngineError('cancelled', 'The artifact that this file goes with failed'));
			const file = await written.catch(() => undefined);
			if (file === undefined) continue;
			await unlink(join(this.#options.folder.path, file.fileName)).catch(() => undefined);
		}
	}
}
