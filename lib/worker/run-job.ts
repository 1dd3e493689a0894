import { join } from 'node:path';

import type { JOBS } from '../job/index.ts';
import { type RunOptions, runInWorker } from './run-in-worker.ts';

type Jobs = typeof JOBS;
export type JobName = keyof Jobs;
export type JobInput<Name extends JobName> = Parameters<Jobs[Name]>[0];
export type JobOutput<Name extends JobName> = Awaited<ReturnType<Jobs[Name]>>;

/** dist/worker.js beside dist/engine.js; from the sources, the file that it is made of. */
function workerFile(): string {
	const isSource = import.meta.filename.endsWith('.ts');
	return join(import.meta.dirname, isSource ? 'worker-main.ts' : 'worker.js');
}

/** Runs one of the product's jobs in a worker thread; see `runInWorker` for what it throws. */
export async function runJob<Name extends JobName>(
	name: Name,
	input: JobInput<Name>,
	options: RunOptions,
): Promise<JobOutput<Name>> {
	return (await runInWorker(workerFile(), { name, input }, options)) as JobOutput<Name>;
}
