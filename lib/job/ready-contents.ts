import { createHash } from 'node:crypto';

import { openFileBytes } from '../artifact/index.ts';
import { EngineError, throwIfAborted } from '../core/index.ts';
import type { FileContent, NeededFile } from '../entity/index.ts';

/** Small contents wait in memory, as far as all of them together stay small, too. */
const SMALL_BYTES = 256 * 1024;
const KEPT_BYTES = 24 * 1024 * 1024;

/** Throws `entity_file_corrupt` unless the content is what the source says. */
function assertChecksum(sha512: string, { path, checksum }: NeededFile): void {
	if (checksum === null || checksum.toLowerCase() === sha512) return;
	throw new EngineError(
		'entity_file_corrupt',
		`The content of ${path} in the source is not what its entity says`,
		{
			remedy: 'Its checksum (SHA-512) differs: export it again, or use another copy.',
			details: { path },
		},
	);
}

/** Contents that are ready to be sent. All methods throw `entity_file_corrupt`. */
export class ReadyContents {
	readonly #contents = new Map<string, FileContent>();
	readonly #signal: AbortSignal;
	#kept = 0;

	constructor(signal: AbortSignal) {
		this.#signal = signal;
	}

	get count(): number {
		return this.#contents.size;
	}

	/** `path` begins with a slash. */
	readonly of = (path: string): FileContent | undefined => this.#contents.get(path);

	/** Whether a content of so many bytes is to wait in memory. */
	mayKeep(bytes: number): boolean {
		return bytes <= SMALL_BYTES && this.#kept + bytes <= KEPT_BYTES;
	}

	keep(content: Buffer, needed: NeededFile): void {
		const sha512 = createHash('sha512').update(content).digest('hex');
		assertChecksum(sha512, needed);
		this.#kept += content.length;
		async function* chunks(): AsyncGenerator<Uint8Array> {
			yield content;
		}
		const open = async (): Promise<AsyncIterable<Uint8Array>> => chunks();
		this.#contents.set(needed.path, { bytes: content.length, sha512, open });
	}

	/** A file on disk, read once to have its checksum. */
	async add(
		file: { readonly path: string; readonly displayPath: string },
		needed: NeededFile,
	): Promise<void> {
		const open = openFileBytes(file.path, file.displayPath);
		const hash = createHash('sha512');
		let bytes = 0;
		for await (const chunk of await open()) {
			throwIfAborted(this.#signal);
			hash.update(chunk);
			bytes += chunk.length;
		}
		const sha512 = hash.digest('hex');
		assertChecksum(sha512, needed);
		this.#contents.set(needed.path, { bytes, sha512, open });
	}
}
