import { type JobContext, NO_PROGRESS } from '../../lib/core/index.ts';

const unused = async (): Promise<never> =>
	await Promise.reject(new Error('not a port of this job'));

/** For jobs that read and write folders only. */
export function jobContext(more: Partial<JobContext> = {}): JobContext {
	return {
		signal: new AbortController().signal,
		progress: NO_PROGRESS,
		ports: {
			http: { request: unused },
			paths: { blocked: unused },
			binary: { read: unused, write: unused },
		},
		...more,
	};
}
