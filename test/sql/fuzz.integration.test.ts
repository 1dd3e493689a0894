import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { restoreDatabase } from '../../lib/sql/index.ts';
import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { randomSchema } from './random-schema.ts';
import { chunksOf, context, dump, endpointOf } from './sql-session.ts';

/** Over the three servers together. */
const RUNS = 201;

describe.concurrent.each(servers())('random schemas and rows on $id', (server) => {
	const [source, client, ours] = ['fuzz_source', 'fuzz_client', 'fuzz_ours'];
	const all = [source, client, ours];

	beforeAll(async () => await server.dropDatabase(ours));
	afterAll(async () => {
		for (const name of all) await server.dropDatabase(name);
	});

	test('come back by the standard client and by our restore', async () => {
		await fc.assert(
			fc.asyncProperty(
				randomSchema,
				fc.constantFrom(16_384, 1_000_000),
				fc.constantFrom(1, 2, 3),
				fc.boolean(),
				async (schema, statementBytes, connections, withManifest) => {
					const fresh = [source, client].map(
						(name) => `DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name};`,
					);
					await server.sql(`${fresh.join(' ')} USE ${source};\n${schema}`);
					const { sql, summary } = await dump(server, source, { statementBytes, connections });
					await server.sql(sql, client);
					// The content of the run before is replaced.
					const report = await restoreDatabase(
						{
							...{ endpoint: endpointOf(server), database: ours, chunks: chunksOf(sql) },
							...{ replace: true, keepOld: false },
							...(withManifest ? { expected: summary } : {}),
						},
						context(),
					);
					expect(report.verifiedBy).toBe(withManifest ? 'checksums' : 'rows');
					const before = await databaseContent(server, source);
					for (const name of [client, ours]) {
						const after = await databaseContent(server, name);
						expect(contentDifferences(before, after), name).toEqual([]);
					}
				},
			),
			{
				numRuns: Math.ceil(RUNS / servers().length),
				interruptAfterTimeLimit: 240_000,
				markInterruptAsFailure: true,
			},
		);
	});
});
