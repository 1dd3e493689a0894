import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { sqlRestore } from '../../lib/job/sql-restore.ts';
import { type SqlEndpoint, restoreDatabase, rollBackDatabase } from '../../lib/sql/index.ts';
import { jobContext } from '../job/job-context.ts';
import { chunksOf, context } from './sql-session.ts';

/**
 * What faults are tried on: a restore over old content, a roll back, a restore to a missing and to an
 * empty database, and the same in place, with rights on that database only.
 */
export const WORKS = {
	restore: { target: 'filled', inPlace: false },
	rollBack: { target: 'filled', inPlace: false },
	missing: { target: 'missing', inPlace: false },
	empty: { target: 'empty', inPlace: false },
	inPlace: { target: 'filled', inPlace: true },
	inPlaceEmpty: { target: 'empty', inPlace: true },
	inPlaceMissing: { target: 'missing', inPlace: true },
} as const;
export type Work = keyof typeof WORKS;

/** Plain data: it also goes to a process of its own. */
export interface Assignment {
	readonly work: Work;
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** The dump of the new content. */
	readonly file: string;
	/** For the safety dump. */
	readonly folder: string;
}

export async function carryOut({ work, ...given }: Assignment): Promise<void> {
	const { endpoint, database, file } = given;
	if (work === 'rollBack') await rollBackDatabase({ endpoint, database }, context());
	else if (WORKS[work].inPlace) await restoreInPlace(given);
	else {
		// Without a manifest, so without the connections that read checksums: they change nothing.
		const chunks = chunksOf(await readFile(file));
		await restoreDatabase({ endpoint, database, replace: true, chunks }, context());
	}
}

async function restoreInPlace(given: Omit<Assignment, 'work'>): Promise<void> {
	const { endpoint, database, file, folder } = given;
	const here = { path: dirname(file), displayPath: dirname(file) };
	const source = { kind: 'file', folder: here, fileName: basename(file) } as const;
	const safetyFolder = { path: folder, displayPath: folder };
	await sqlRestore({ endpoint, database, source, safetyFolder, replace: true }, jobContext());
}
