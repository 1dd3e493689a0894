import { Worker } from 'node:worker_threads';

import {
	EngineError,
	type Ports,
	type ProgressEvent,
	cancelledError,
	systemErrorCode,
	throwIfAborted,
} from '../core/index.ts';
import { Link, type Wire, threadGone } from './link.ts';
import { servePorts } from './port-bridge.ts';

export interface RunOptions {
	readonly signal: AbortSignal;
	readonly ports: Ports;
	readonly onProgress?: (event: ProgressEvent) => void;
	/** Heap of the worker in MiB; buffers are outside of it. */
	readonly memoryMb?: number;
	/** How long a cancelled job may clean up before its thread is ended, in milliseconds. */
	readonly graceMs?: number;
}

/** Engines keep their memory flat, so this is a fuse: far above need, far below what hurts n8n. */
const MEMORY_MB = 192;
const YOUNG_GENERATION_MB = 24;
/** Undoing a large restore takes the server seconds; after this a broken clean-up must not hold n8n. */
const GRACE_MS = 30_000;

function crashed(error: unknown): EngineError {
	if (systemErrorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') {
		return new EngineError('worker_out_of_memory', 'The job needed more memory than it may use', {
			remedy: 'This is a defect of the package: engines keep their memory flat. Please report it.',
			cause: error,
		});
	}
	return new EngineError('worker_crashed', 'The thread of this job stopped unexpectedly', {
		remedy: 'n8n itself is not affected. Run the job again; if it recurs, please report it.',
		cause: error,
	});
}

function exited(code: number): EngineError {
	const details = { exitCode: code };
	return new EngineError('worker_crashed', `The thread of this job ended early (exit ${code})`, {
		remedy: 'Run the job again; if it recurs, please report it.',
		details,
	});
}

function wireOf(worker: Worker): Wire {
	return {
		postMessage: (message, transfer) => worker.postMessage(message, transfer),
		on: (event, listener) => worker.on(event, listener),
	};
}

/** Rejects when the thread dies in any way; never resolves. */
function deathOf(worker: Worker): Promise<never> {
	return new Promise((_resolve, reject) => {
		worker.once('error', (error) => reject(crashed(error)));
		worker.once('messageerror', (error) => reject(crashed(error)));
		worker.once('exit', (code) => reject(exited(code)));
	});
}

/**
 * Runs one job in a worker thread of its own, and returns when the thread is gone. A cancel asks the
 * job to clean up and end; a job that does not is ended with its thread.
 *
 * Throws what the job throws (code, message, remedy and details survive the crossing), `cancelled`,
 * `worker_crashed`, `worker_out_of_memory`.
 */
export async function runInWorker(
	file: string,
	job: { readonly name: string; readonly input: unknown },
	options: RunOptions,
): Promise<unknown> {
	const { signal, ports, onProgress, memoryMb = MEMORY_MB, graceMs = GRACE_MS } = options;
	throwIfAborted(signal);
	const worker = new Worker(file, {
		name: `caosdb ${job.name}`,
		resourceLimits: {
			maxOldGenerationSizeMb: memoryMb,
			maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
		},
	});
	const link = new Link('main', wireOf(worker), {
		onCall: servePorts(ports),
		onSignal: (message) => {
			if (message.type === 'progress') onProgress?.(message.event);
		},
	});
	let graceOver: NodeJS.Timeout | undefined;
	const cancel = (): void => {
		link.signal({ type: 'cancel' });
		graceOver = setTimeout(() => void worker.terminate(), graceMs);
	};
	signal.addEventListener('abort', cancel, { once: true });
	const death = deathOf(worker);
	death.catch(() => undefined);
	try {
		return await Promise.race([link.call('job.run', job.name, job.input), death]);
	} catch (error) {
		if (signal.aborted) throw cancelledError(signal);
		throw error;
	} finally {
		signal.removeEventListener('abort', cancel);
		clearTimeout(graceOver);
		link.close(threadGone());
		await worker.terminate();
	}
}
