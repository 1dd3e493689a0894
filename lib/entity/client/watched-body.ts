import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

import { EngineError, givesChunksAway } from '../../core/index.ts';

function silent(timeoutMs: number): EngineError {
	const seconds = Math.round(timeoutMs / 1000);
	return new EngineError('http_failed', `The CaosDB server was silent for ${seconds} s`, {
		remedy: 'Look at the load of the server and at what lies between, then run again.',
		details: { timeoutMs },
	});
}

function ended(cause: unknown): EngineError {
	if (cause instanceof EngineError) return cause;
	return new EngineError('http_failed', 'The connection ended inside the answer', {
		remedy: 'Look at the server and at what lies between, then run again.',
		cause,
	});
}

/**
 * The bytes of an answer. Fails when the sender says nothing for too long, whatever time the reader takes, or
 * ends the connection early; lets the sender go as soon as it is destroyed.
 */
class WatchedBody extends Readable {
	readonly #body: Readable;
	readonly #chunks: AsyncIterator<Uint8Array>;
	readonly #timeoutMs: number;
	#timer: NodeJS.Timeout | undefined;

	constructor(body: Readable, timeoutMs: number) {
		super();
		this.#body = body;
		this.#chunks = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
		this.#timeoutMs = timeoutMs;
		body.on('error', () => undefined);
	}

	override _read(): void {
		this.#timer = setTimeout(() => this.destroy(silent(this.#timeoutMs)), this.#timeoutMs);
		this.#chunks.next().then(
			(next) => {
				clearTimeout(this.#timer);
				this.push(next.done === true ? null : next.value);
			},
			(error: unknown) => this.destroy(ended(error)),
		);
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		clearTimeout(this.#timer);
		this.#body.destroy();
		done(error);
	}
}

/** A body that is given up when its sender stalls. */
export function watchedBody(body: Readable, timeoutMs: number): Readable {
	const watched = new WatchedBody(body, timeoutMs);
	// Node.js reads each chunk of a socket into memory of its own.
	return body instanceof IncomingMessage ? givesChunksAway(watched) : watched;
}
