import type { ByteSink } from '../core/index.ts';

/** So much may wait for the reader before the writer does. */
const WAITING_BYTES = 2 * 1024 * 1024;

interface Waiting<T> {
	readonly resolve: (value: T) => void;
	readonly reject: (error: unknown) => void;
}

/** Joins one writer and one reader that run side by side; neither waits for one that has failed or left. */
export class ByteQueue implements ByteSink, AsyncIterable<Uint8Array> {
	readonly #ready: Uint8Array[] = [];
	#readyBytes = 0;
	#reader: Waiting<IteratorResult<Uint8Array>> | undefined;
	#writer: Waiting<void> | undefined;
	#ended = false;
	#failure: { readonly error: unknown } | undefined;

	async write(bytes: Uint8Array): Promise<void> {
		if (this.#failure !== undefined) throw this.#failure.error;
		if (bytes.length === 0) return;
		const reader = this.#reader;
		if (reader !== undefined) {
			this.#reader = undefined;
			return reader.resolve({ done: false, value: bytes });
		}
		this.#ready.push(bytes);
		this.#readyBytes += bytes.length;
		if (this.#readyBytes < WAITING_BYTES) return;
		await new Promise<void>((resolve, reject) => (this.#writer = { resolve, reject }));
	}

	/** No more bytes come. */
	end(): void {
		this.#ended = true;
		this.#reader?.resolve({ done: true, value: undefined });
		this.#reader = undefined;
	}

	/** Ends both sides with an error: whoever waits, and whoever comes. */
	fail(error: unknown): void {
		this.#failure ??= { error };
		this.#reader?.reject(this.#failure.error);
		this.#writer?.reject(this.#failure.error);
		this.#reader = this.#writer = undefined;
	}

	[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
		return {
			next: async () => await this.#next(),
			// The reader is gone; it tells the writer why by `fail`.
			return: async () => await Promise.resolve({ done: true, value: undefined }),
		};
	}

	async #next(): Promise<IteratorResult<Uint8Array>> {
		if (this.#failure !== undefined) throw this.#failure.error;
		const bytes = this.#ready.shift();
		if (bytes !== undefined) {
			this.#readyBytes -= bytes.length;
			if (this.#readyBytes < WAITING_BYTES) {
				this.#writer?.resolve();
				this.#writer = undefined;
			}
			return { done: false, value: bytes };
		}
		if (this.#ended) return { done: true, value: undefined };
		return await new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
	}
}
