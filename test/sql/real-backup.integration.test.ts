import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CAOSDB_ACCOUNT, loadRealBackup } from '../fixtures/load-real-backup.ts';
import { realBackup } from '../fixtures/real-backup.ts';
import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { checkDump, dumpDatabase, restoreDatabase } from '../../lib/sql/index.ts';
import { TOOL, chunksOf, context, dump, endpointOf, restore } from './sql-session.ts';

/** LinkAhead's own published backup: 50 tables, 104 foreign keys, 87 routines, binary hashes. */
describe.each(servers())('real backup on $id', (server) => {
	const [source, target, official] = ['caosdb', 'caosdb_restored', 'caosdb_official'];

	beforeAll(async () => {
		await loadRealBackup(server, source);
		for (const name of [target, official]) {
			await server.dropDatabase(name);
			// The definer of the routines must be allowed to run them under another name.
			await server.sql(`GRANT ALL ON ${name}.* TO '${CAOSDB_ACCOUNT.user}'@'%'`);
		}
	});
	afterAll(async () => {
		for (const name of [source, target, official]) await server.dropDatabase(name);
	});

	test('dump and restore give an equal database', async () => {
		const { sql, summary } = await dump(server, source);
		expect(summary.tables).toHaveLength(50);
		expect(summary.tables.reduce((sum, { rows }) => sum + rows, 0)).toBe(2903);
		expect(summary.routines).toHaveLength(87);
		expect(summary.schemaVersion).toBe('v5.0.0');
		expect(summary.definers).toEqual(['caosdb@%']);
		expect(summary.bytes).toBe(sql.length);

		const report = await restore(server, target, sql, summary);
		expect(report).toMatchObject({ rows: 2903, routines: 87, createdDatabase: true, warnings: [] });
		expect(report.schemaVersion).toBe('v5.0.0');
		const [before, after] = [
			await databaseContent(server, source),
			await databaseContent(server, target),
		];
		expect(contentDifferences(before, after)).toEqual([]);
		await server.dropDatabase(target);
	});

	test("the server's own account can dump and restore, with rights on its databases only", async () => {
		const endpoint = { ...endpointOf(server), ...CAOSDB_ACCOUNT };
		const dumping = await dumpDatabase({ endpoint, database: source, tool: TOOL }, context());
		const { chunks } = dumping;
		const report = await restoreDatabase({ endpoint, database: target, chunks }, context());
		expect(report).toMatchObject({ rows: 2903, routines: 87, schemaVersion: 'v5.0.0' });
		expect(dumping.summary().definers).toEqual(['caosdb@%']);
		await server.dropDatabase(target);
	});

	test('the standard client loads the dump to an equal database', async () => {
		const { sql } = await dump(server, source);
		await server.sql(`CREATE DATABASE ${target} CHARACTER SET latin1`);
		await server.sql(sql, target);
		const [before, after] = [
			await databaseContent(server, source),
			await databaseContent(server, target),
		];
		expect(contentDifferences(before, after)).toEqual([]);
		await server.dropDatabase(target);
	});

	test('two dumps differ in their times only', async () => {
		const text = async () => (await dump(server, source)).sql.toString('latin1');
		const timeless = (sql: string) => sql.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
		expect(timeless(await text())).toBe(timeless(await text()));
	});

	test('a check without a server finds what the summary says', async () => {
		const { sql, summary } = await dump(server, source);
		const check = await checkDump(chunksOf(sql), context());
		expect(check).toMatchObject({
			bytes: summary.bytes,
			statements: summary.statements,
			rows: 2903,
			routines: 87,
			largestStatementBytes: summary.largestStatementBytes,
			origin: 'ours',
		});
		expect(check.tables).toEqual(summary.tables.map(({ name, rows }) => ({ name, rows })));
	});

	test("LinkAhead's own dump file is restored as its client does it", async () => {
		const sql = await readFile((await realBackup()).dumpFile);
		const report = await restore(server, official, sql);
		expect(report).toMatchObject({ rows: 2903, routines: 87, schemaVersion: 'v5.0.0' });
		const [before, after] = [
			await databaseContent(server, source),
			await databaseContent(server, official),
		];
		expect(contentDifferences(before, after)).toEqual([]);
	});
});
