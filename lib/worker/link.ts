import { Readable } from 'node:stream';
import type { Transferable } from 'node:worker_threads';

import { EngineError } from '../core/index.ts';
import { ByteStreams } from './byte-streams.ts';
import { packError, unpackError } from './crossing-error.ts';
import type { CallMessage, CancelMessage, LinkMessage, ProgressMessage } from './messages.ts';

/** The part of a MessagePort or Worker that a link needs. */
export interface Wire {
	postMessage(message: LinkMessage, transfer?: readonly Transferable[]): void;
	on(event: 'message', listener: (message: LinkMessage) => void): unknown;
}

/** Answers one call; arguments arrive with their streams revived. */
export type CallHandler = (target: string, args: readonly unknown[]) => Promise<unknown>;

export type SignalMessage = CancelMessage | ProgressMessage;

interface Pending {
	resolve(value: unknown): void;
	reject(error: Error): void;
}

const STREAM_MARK = '$byteStream';

function isRecord(value: unknown): value is Record<string, unknown> {
	return (
		typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
	);
}

/** One end of the conversation between the main thread and a worker. */
export class Link {
	readonly #wire: Wire;
	readonly #streams: ByteStreams;
	readonly #pending = new Map<number, Pending>();
	readonly #onCall: CallHandler;
	readonly #onSignal: (message: SignalMessage) => void;
	#closed: Error | undefined;
	#count = 0;

	constructor(
		side: 'main' | 'worker',
		wire: Wire,
		handlers: { onCall: CallHandler; onSignal: (message: SignalMessage) => void },
	) {
		this.#wire = wire;
		this.#onCall = handlers.onCall;
		this.#onSignal = handlers.onSignal;
		this.#streams = new ByteStreams(side, (message, transfer) => this.#post(message, transfer));
		wire.on('message', (message) => this.#receive(message));
	}

	/** Calls the other side. A Readable among the arguments, or one level deeper, crosses as a stream. */
	async call(target: string, ...args: readonly unknown[]): Promise<unknown> {
		if (this.#closed !== undefined) throw this.#closed;
		const id = this.#count++;
		const answer = new Promise<unknown>((resolve, reject) => {
			this.#pending.set(id, { resolve, reject });
		});
		try {
			this.#post({ type: 'call', id, target, args: args.map((arg) => this.#pack(arg)) });
			return this.#unpack(await answer, []);
		} finally {
			this.#pending.delete(id);
		}
	}

	signal(message: SignalMessage): void {
		this.#post(message);
	}

	/** Ends all that waits for the other side with `error`. */
	close(error: Error): void {
		if (this.#closed !== undefined) return;
		this.#closed = error;
		for (const { reject } of this.#pending.values()) reject(error);
		this.#streams.close(error);
	}

	#post(message: LinkMessage, transfer?: readonly ArrayBuffer[]): void {
		if (this.#closed === undefined) this.#wire.postMessage(message, transfer);
	}

	#receive(message: LinkMessage): void {
		switch (message.type) {
			case 'call':
				void this.#answer(message);
				break;
			case 'return':
				this.#pending.get(message.id)?.resolve(message.value);
				break;
			case 'throw':
				this.#pending.get(message.id)?.reject(unpackError(message.error));
				break;
			case 'cancel':
			case 'progress':
				this.#onSignal(message);
				break;
			default:
				this.#streams.handle(message);
		}
	}

	async #answer({ id, target, args }: CallMessage): Promise<void> {
		const streams: Readable[] = [];
		try {
			const value = await this.#onCall(
				target,
				args.map((arg) => this.#unpack(arg, streams)),
			);
			this.#post({ type: 'return', id, value: this.#pack(value) });
		} catch (error) {
			this.#post({ type: 'throw', id, error: packError(error) });
		} finally {
			// What the callee did not read to its end would keep the sender waiting for ever.
			for (const stream of streams) stream.destroy();
		}
	}

	#pack(value: unknown): unknown {
		if (value instanceof Readable) return { [STREAM_MARK]: this.#streams.send(value) };
		if (!isRecord(value)) return value;
		const packed = Object.entries(value).map(([key, inner]) => [
			key,
			inner instanceof Readable ? { [STREAM_MARK]: this.#streams.send(inner) } : inner,
		]);
		return Object.fromEntries(packed);
	}

	#unpack(value: unknown, streams: Readable[]): unknown {
		if (!isRecord(value)) return value;
		const revived = this.#revive(value, streams);
		if (revived !== undefined) return revived;
		const entries = Object.entries(value).map(([key, inner]) => [
			key,
			(isRecord(inner) ? this.#revive(inner, streams) : undefined) ?? inner,
		]);
		return Object.fromEntries(entries);
	}

	#revive(value: Record<string, unknown>, streams: Readable[]): Readable | undefined {
		const id = value[STREAM_MARK];
		if (typeof id !== 'string') return undefined;
		const stream = this.#streams.receive(id);
		streams.push(stream);
		return stream;
	}
}

/** The error of everything that waited for a thread which has ended. */
export function threadGone(): EngineError {
	return new EngineError('worker_crashed', 'The thread of this job has ended', {
		remedy: 'Look at the log of n8n for the reason, then run the job again.',
	});
}
