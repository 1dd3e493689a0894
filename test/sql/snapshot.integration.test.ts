import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';

import { dumpDatabase } from '../../lib/sql/index.ts';
import { servers } from '../servers/index.ts';
import { TOOL, context, endpointOf, restore } from './sql-session.ts';

describe.each(servers())('the snapshot on $id', (server) => {
	const [source, target] = ['moment_source', 'moment_target'];

	beforeEach(async () => {
		await server.dropDatabase(source);
		await server.dropDatabase(target);
		await server.sql(`CREATE DATABASE ${source}`);
		await server.sql(
			`CREATE TABLE a (x INT); CREATE TABLE b (x INT); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);
			CREATE PROCEDURE p() SELECT 1;`,
			source,
		);
	});
	afterEach(async () => await server.dropDatabase(target));
	afterAll(async () => await server.dropDatabase(source));

	const start = async () =>
		await dumpDatabase({ endpoint: endpointOf(server), database: source, tool: TOOL }, context());
	const read = async (chunks: AsyncIterable<Uint8Array>) => {
		const parts: Uint8Array[] = [];
		for await (const chunk of chunks) parts.push(chunk);
		return Buffer.concat(parts);
	};

	test('is of one moment, though others go on writing', async () => {
		const dump = await start();
		await server.sql('BEGIN; INSERT INTO a VALUES (2); DELETE FROM b; COMMIT', source);
		await restore(server, target, await read(dump.chunks), dump.summary());
		expect(await server.sql('SELECT * FROM a UNION ALL SELECT * FROM b', target)).toBe('1\n1\n');
	});

	test('makes changes of tables wait for its end', async () => {
		const dump = await start();
		for (const change of ['ALTER TABLE b ADD y INT', 'DROP TABLE b', 'TRUNCATE TABLE b']) {
			const waiting = server.sql(`SET lock_wait_timeout = 1; ${change}`, source);
			await expect(waiting).rejects.toThrow('1205');
		}
		await read(dump.chunks);
		await server.sql('ALTER TABLE b ADD y INT', source);
	});

	test('a routine that is changed meanwhile is an error', async () => {
		const dump = await start();
		await server.sql('CREATE PROCEDURE another() SELECT 2', source);
		await expect(read(dump.chunks)).rejects.toMatchObject({ code: 'sql_verify_failed' });
		expect(() => dump.summary()).toThrow('not read to its end');
	});
});
