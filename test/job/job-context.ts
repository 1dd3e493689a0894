import type { Folder } from '../../lib/artifact/index.ts';
import { type JobContext, NO_PROGRESS } from '../../lib/core/index.ts';

const unused = async (): Promise<never> =>
	await Promise.reject(new Error('not a port of this job'));

/** Of a job that touches nothing but files: everything is allowed, nothing is cancelled. */
export const FILE_JOB: JobContext = {
	signal: new AbortController().signal,
	progress: NO_PROGRESS,
	ports: {
		http: { request: unused },
		paths: { blocked: async (paths) => paths.map(() => false) },
		binary: { read: unused, write: unused },
	},
};

export function folderOf(path: string): Folder {
	return { path, displayPath: path };
}

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
