import { Readable } from 'node:stream';

import { CHUNK_BYTES, areChunksOwn } from '../core/index.ts';
import { packError, unpackError } from './crossing-error.ts';
import type { LinkMessage, StreamMessage } from './messages.ts';

/** Chunks under way per stream: with CHUNK_BYTES each, at most 1 MB waits between the threads. */
const WINDOW_CHUNKS = 4;

export type Post = (message: LinkMessage, transfer?: readonly ArrayBuffer[]) => void;

/** Whether the bytes are all of their memory. */
function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
	const { buffer, byteLength } = bytes;
	return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
}

/** Bytes whose memory belongs to nobody else and may move to the other thread: if need be, a copy. */
function movable(bytes: Uint8Array, isOwn: boolean): Uint8Array<ArrayBuffer> {
	if (isOwn && isWhole(bytes)) return bytes;
	const copy = new Uint8Array(new ArrayBuffer(bytes.length));
	copy.set(bytes);
	return copy;
}

function* slices(chunk: Uint8Array): Generator<Uint8Array> {
	for (let at = 0; at < chunk.length; at += CHUNK_BYTES) yield chunk.subarray(at, at + CHUNK_BYTES);
}

/** The sending end: reads the source only as fast as the other thread takes the bytes. */
class Outgoing {
	#credit = WINDOW_CHUNKS;
	#wake: () => void = () => undefined;
	#stopped = false;
	readonly #source: Readable;

	constructor(source: Readable) {
		this.#source = source;
	}

	acknowledged(): void {
		this.#credit++;
		this.#wake();
	}

	stop(): void {
		this.#stopped = true;
		this.#source.destroy();
		this.#wake();
	}

	async send(stream: string, post: Post): Promise<void> {
		const isOwn = areChunksOwn(this.#source);
		try {
			for await (const chunk of this.#source as AsyncIterable<Uint8Array | string>) {
				for (const slice of slices(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) {
					if (!(await this.#mayPost())) return;
					const bytes = movable(slice, isOwn);
					post({ type: 'chunk', stream, bytes }, [bytes.buffer]);
				}
			}
			if (!this.#stopped) post({ type: 'end', stream });
		} catch (error) {
			if (!this.#stopped) post({ type: 'fail', stream, error: packError(error) });
		}
	}

	async #mayPost(): Promise<boolean> {
		while (this.#credit === 0 && !this.#stopped) {
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
		this.#credit--;
		return !this.#stopped;
	}
}

/** The receiving end: acknowledges a chunk when its reader has taken it. */
class Incoming extends Readable {
	readonly #waiting: Uint8Array[] = [];
	#ended = false;
	#hungry = false;
	readonly #acknowledge: () => void;
	readonly #stop: () => void;

	constructor(acknowledge: () => void, stop: () => void) {
		super({ highWaterMark: CHUNK_BYTES });
		this.#acknowledge = acknowledge;
		this.#stop = stop;
	}

	arrived(bytes: Uint8Array): void {
		this.#waiting.push(bytes);
		this.#feed();
	}

	finished(): void {
		this.#ended = true;
		this.#feed();
	}

	override _read(): void {
		this.#hungry = true;
		this.#feed();
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		if (!this.#ended) this.#stop();
		done(error);
	}

	#feed(): void {
		while (this.#hungry) {
			const next = this.#waiting.shift();
			if (next === undefined) break;
			this.#acknowledge();
			this.#hungry = this.push(Buffer.from(next.buffer, next.byteOffset, next.byteLength));
		}
		if (this.#ended && this.#waiting.length === 0 && this.#hungry) {
			this.#hungry = false;
			this.push(null);
		}
	}
}

/** All byte streams of one link. Ids are made by the sender; `side` keeps those of both ends apart. */
export class ByteStreams {
	readonly #outgoing = new Map<string, Outgoing>();
	readonly #incoming = new Map<string, Incoming>();
	readonly #post: Post;
	readonly #side: string;
	#count = 0;

	constructor(side: string, post: Post) {
		this.#side = side;
		this.#post = post;
	}

	/** Starts to send and returns the id under which the other side finds the stream. */
	send(source: Readable): string {
		const stream = `${this.#side}${this.#count++}`;
		const outgoing = new Outgoing(source);
		this.#outgoing.set(stream, outgoing);
		void outgoing.send(stream, this.#post).finally(() => this.#outgoing.delete(stream));
		return stream;
	}

	/** The reader of a stream that the other side announced. */
	receive(stream: string): Readable {
		const incoming = new Incoming(
			() => this.#post({ type: 'ack', stream }),
			() => this.#post({ type: 'stop', stream }),
		);
		incoming.on('close', () => this.#incoming.delete(stream));
		this.#incoming.set(stream, incoming);
		return incoming;
	}

	/** Messages of streams that are gone already are late, not wrong. */
	handle(message: StreamMessage): void {
		const { stream } = message;
		switch (message.type) {
			case 'chunk':
				return this.#incoming.get(stream)?.arrived(message.bytes);
			case 'end':
				return this.#incoming.get(stream)?.finished();
			case 'fail':
				this.#incoming.get(stream)?.destroy(unpackError(message.error));
				return undefined;
			case 'ack':
				return this.#outgoing.get(stream)?.acknowledged();
			case 'stop':
				return this.#outgoing.get(stream)?.stop();
		}
	}

	/** The other side is gone: readers fail with `error`, sources are let go. */
	close(error: Error): void {
		for (const incoming of this.#incoming.values()) incoming.destroy(error);
		for (const outgoing of this.#outgoing.values()) outgoing.stop();
	}
}
