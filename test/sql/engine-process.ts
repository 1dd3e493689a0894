import { readFile } from 'node:fs/promises';

import { restoreDatabase, rollBackDatabase } from '../../lib/sql/index.ts';
import { chunksOf, context } from './sql-session.ts';

/*
 * The engine in a process of its own, so that a test can kill it: arguments are the work, the database,
 * the port and user, and the file with the dump.
 */
const [work, database = '', port, user = '', file = ''] = process.argv.slice(2);
const endpoint = {
	...{ host: '127.0.0.1', port: Number(port), user, password: process.env.PASSWORD ?? '' },
	connectTimeoutMs: 5_000,
};
if (work === 'rollBack') await rollBackDatabase({ endpoint, database }, context());
else {
	const chunks = chunksOf(await readFile(file));
	await restoreDatabase({ endpoint, database, chunks, replace: true }, context());
}
