import { parentPort } from 'node:worker_threads';

import {
	EngineError,
	type JobContext,
	type ProgressEvent,
	type ProgressSink,
} from '../core/index.ts';
import { Link } from './link.ts';
import { remotePorts } from './port-bridge.ts';

/** A job: plain data in, plain data out, everything else through the context. */
export type Job = (input: never, context: JobContext) => Promise<unknown>;
export type JobTable = Readonly<Record<string, Job>>;

/** Progress crosses at most so often, but every change of phase does. */
const PROGRESS_INTERVAL_MS = 250;

function thinned(send: (event: ProgressEvent) => void): ProgressSink {
	let phase = '';
	let last = 0;
	return {
		report: (event) => {
			const now = Date.now();
			if (event.phase === phase && now - last < PROGRESS_INTERVAL_MS) return;
			phase = event.phase;
			last = now;
			send(event);
		},
	};
}

/** Worker side: answers the call `job.run` with the table's jobs. Runs until the thread is ended. */
export function serveJobs(jobs: JobTable): void {
	if (parentPort === null) throw new EngineError('internal', 'serveJobs() belongs in a worker');
	const cancel = new AbortController();
	const link = new Link('worker', parentPort, {
		onCall: async (target, [name, input]) => {
			const job = typeof name === 'string' ? jobs[name] : undefined;
			if (target !== 'job.run' || job === undefined) {
				throw new EngineError('internal', `There is no job '${String(name)}'`);
			}
			return await job(input as never, context);
		},
		onSignal: ({ type }) => {
			if (type === 'cancel') cancel.abort();
		},
	});
	const context: JobContext = {
		signal: cancel.signal,
		progress: thinned((event) => link.signal({ type: 'progress', event })),
		ports: remotePorts(link),
	};
}
