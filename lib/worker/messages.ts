import type { ProgressEvent } from '../core/index.ts';
import type { CrossingError } from './crossing-error.ts';

/*
 * What the main thread and a worker say to each other. Both sides run the same Link; calls go both
 * ways (main → worker: run a job; worker → main: use a port), bytes flow on numbered streams.
 */

export interface CallMessage {
	readonly type: 'call';
	readonly id: number;
	/** `<object>.<method>`, e.g. `http.request`. */
	readonly target: string;
	readonly args: readonly unknown[];
}

export interface ReturnMessage {
	readonly type: 'return';
	readonly id: number;
	readonly value: unknown;
}

export interface ThrowMessage {
	readonly type: 'throw';
	readonly id: number;
	readonly error: CrossingError;
}

/** Sender to receiver: the next bytes of a stream. Their memory moves, it is not copied. */
export interface ChunkMessage {
	readonly type: 'chunk';
	readonly stream: string;
	readonly bytes: Uint8Array;
}

export interface EndMessage {
	readonly type: 'end';
	readonly stream: string;
}

export interface FailMessage {
	readonly type: 'fail';
	readonly stream: string;
	readonly error: CrossingError;
}

/** Receiver to sender: one chunk was taken, another may be sent. */
export interface AckMessage {
	readonly type: 'ack';
	readonly stream: string;
}

/** Receiver to sender: nobody wants the rest. */
export interface StopMessage {
	readonly type: 'stop';
	readonly stream: string;
}

export interface CancelMessage {
	readonly type: 'cancel';
}

export interface ProgressMessage {
	readonly type: 'progress';
	readonly event: ProgressEvent;
}

export type StreamMessage = ChunkMessage | EndMessage | FailMessage | AckMessage | StopMessage;

export type LinkMessage =
	CallMessage | ReturnMessage | ThrowMessage | StreamMessage | CancelMessage | ProgressMessage;
