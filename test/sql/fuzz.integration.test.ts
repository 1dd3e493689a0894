import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';

import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { randomSchema } from './random-schema.ts';
import { dump } from './sql-session.ts';

/** Over the three servers together. */
const RUNS = 201;

describe.each(servers())('random schemas and rows on $id', (server) => {
	const [source, target] = ['fuzz_source', 'fuzz_target'];

	afterAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	test('come back by the standard client', async () => {
		await fc.assert(
			fc.asyncProperty(
				randomSchema,
				fc.constantFrom(16_384, 1_000_000),
				fc.constantFrom(1, 2, 3),
				async (schema, statementBytes, connections) => {
					const fresh = [source, target].map(
						(name) => `DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name};`,
					);
					await server.sql(`${fresh.join(' ')} USE ${source};\n${schema}`);
					const { sql } = await dump(server, source, { statementBytes, connections });
					await server.sql(sql, target);
					const [before, after] = [
						await databaseContent(server, source),
						await databaseContent(server, target),
					];
					expect(contentDifferences(before, after)).toEqual([]);
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
