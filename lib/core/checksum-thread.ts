import { join } from 'node:path';

import { EngineError } from './errors.ts';

/*
 * What the threads that make checksums have in common. Each has its own way to get its bytes: of a stream
 * (SHA-256 of artifacts), or of many small files (SHA-512 of an index).
 */

/** What a thread runs: in dist beside the bundle that asks, in the sources beside the module that does. */
export function threadFile(folder: string, asking: string, name: string): string {
	return join(folder, asking.endsWith('.ts') ? `${name}.ts` : `${name}.js`);
}

export function checksumThreadEnded(cause?: unknown): EngineError {
	return new EngineError('worker_crashed', 'The thread that makes checksums ended', {
		remedy: 'Run it again. If it happens again, report it with the execution log.',
		cause,
	});
}
