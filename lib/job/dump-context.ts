import type { JobContext } from '../core/index.ts';

/**
 * Runs `work` with a context for a dump that it opens. A destination may fail before it reads the first
 * byte; whatever happens, the sessions of the dump and what they lock end with `work`.
 */
export async function withDumpContext<T>(
	context: JobContext,
	work: (dumping: JobContext) => Promise<T>,
): Promise<T> {
	const over = new AbortController();
	try {
		return await work({ ...context, signal: AbortSignal.any([context.signal, over.signal]) });
	} finally {
		over.abort();
	}
}
