import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError, type JobContext, type Ports } from '../../lib/core/index.ts';
import { type BackupReport, JOBS } from '../../lib/job/index.ts';
import type { SqlEndpoint } from '../../lib/sql/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { context } from './sql-session.ts';

function unused(): never {
	throw new Error('a backup to a file needs no port');
}

const PORTS: Ports = {
	http: { request: async () => unused() },
	paths: { blocked: async (paths) => paths.map(() => false) },
	binary: { read: async () => unused(), write: async () => unused() },
};

/** For jobs that need nothing of their surroundings. */
export function jobContext(signal?: AbortSignal): JobContext {
	return { ...context(signal), ports: PORTS };
}

export interface BackupOutcome {
	/** Code of the error, or `complete`. */
	readonly code: string;
	/** What lies in the folder afterwards, hidden files too. */
	readonly files: readonly string[];
	/** The dump, when there is one. */
	readonly sql: string | undefined;
	readonly report: BackupReport | undefined;
}

export interface BackupAttempt {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** Instead of a temporary one. */
	readonly folder?: string;
	readonly signal?: AbortSignal;
	/** Called with the rows so far. */
	readonly onRows?: (rows: number) => void;
}

/** Backs up to a file as the node does, and tells how it ended and what is left. */
export async function attemptBackup(attempt: BackupAttempt): Promise<BackupOutcome> {
	const { endpoint, database, signal, onRows } = attempt;
	const path = attempt.folder ?? (await temporaryFolder());
	const job: JobContext = {
		...jobContext(signal),
		progress: {
			report: ({ phase, done }) => {
				if (phase === 'dump') onRows?.(done);
			},
		},
	};
	let code = 'complete';
	let report: BackupReport | undefined;
	try {
		report = await JOBS.sqlBackup(
			{
				endpoint,
				database,
				destination: {
					kind: 'file',
					folder: { path, displayPath: path },
					fileName: 'dump.sql',
					overwrite: false,
				},
				compression: { kind: 'none', level: 0 },
				verify: false,
			},
			job,
		);
	} catch (error) {
		code = error instanceof EngineError ? error.code : String(error);
	}
	const files = await readdir(path);
	const whole = files.includes('dump.sql');
	return {
		code,
		files,
		sql: whole ? await readFile(join(path, 'dump.sql'), 'latin1') : undefined,
		report,
	};
}
