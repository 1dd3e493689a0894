import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { dump, restore } from './sql-session.ts';
import { createTypeMatrix } from './type-matrix.ts';

describe.each(servers())('values of all types on $id', (server) => {
	const [source, target] = ['types_source', 'types_target'];

	beforeAll(async () => {
		await createTypeMatrix(server, source);
	});
	afterEach(async () => await server.dropDatabase(target));
	afterAll(async () => {
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	test('come back by our restore', async () => {
		const { sql, summary } = await dump(server, source);
		const report = await restore(server, target, sql, summary);
		expect(report.tables).toEqual(summary.tables.map(({ name, rows }) => ({ name, rows })));
		const [before, after] = [
			await databaseContent(server, source),
			await databaseContent(server, target),
		];
		expect(contentDifferences(before, after)).toEqual([]);
	});

	test('come back by the standard client', async () => {
		const { sql } = await dump(server, source);
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(sql, target);
		const [before, after] = [
			await databaseContent(server, source),
			await databaseContent(server, target),
		];
		expect(contentDifferences(before, after)).toEqual([]);
	});

	test('a negative zero keeps its sign where the server keeps it', async () => {
		const sign = async (database: string) =>
			await server.sql(`SELECT fl, db FROM ${database}.numbers WHERE id = 8`);
		const { sql } = await dump(server, source);
		await restore(server, target, sql);
		expect(await sign(target)).toBe(await sign(source));
	});
});
