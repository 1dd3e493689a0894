import { closeSync, openSync, readSync, writeSync } from 'node:fs';

import { EngineError, fileError } from '../../core/index.ts';

/** A file of one run, for what does not stay in memory: nothing in it is worth an fsync. */
export class WorkFile {
	readonly #file: number;
	readonly #displayPath: string;

	/** Throws `path_exists` and the other path codes. */
	constructor(path: string, displayPath: string) {
		this.#displayPath = displayPath;
		this.#file = this.#guard(() => openSync(path, 'wx+', 0o600));
	}

	/** All of `bytes`, `start` bytes from the beginning of the file. */
	write(bytes: Uint8Array, start: number): void {
		for (let done = 0; done < bytes.length;) {
			done += this.#guard(() =>
				writeSync(this.#file, bytes, done, bytes.length - done, start + done),
			);
		}
	}

	/** Fills `bytes` with what stands there. Throws `io_failed` when the file ends before. */
	read(bytes: Uint8Array, start: number): void {
		for (let done = 0; done < bytes.length;) {
			const some = this.#guard(() =>
				readSync(this.#file, bytes, done, bytes.length - done, start + done),
			);
			if (some === 0) {
				throw new EngineError('io_failed', `${this.#displayPath} was cut while it was in use`, {
					remedy: 'Leave the files of a running import alone, and run it again.',
				});
			}
			done += some;
		}
	}

	close(): void {
		closeSync(this.#file);
	}

	#guard<T>(work: () => T): T {
		try {
			return work();
		} catch (error) {
			throw fileError(error, this.#displayPath);
		}
	}
}
