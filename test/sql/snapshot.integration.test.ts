import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';

import { SqlConnection } from '../../lib/sql/connection.ts';
import { dumpDatabase } from '../../lib/sql/index.ts';
import { FaultProxy } from './fault-proxy.ts';
import { type TestServer, servers, startPrivateServer } from '../servers/index.ts';
import { TOOL, context, dump, endpointOf, restore } from './sql-session.ts';

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

	// MariaDB lets readers go on with the version of a table that is being flushed.
	if (server.id.startsWith('mysql')) {
		test('waits for a table that somebody has flushed while it begins', async () => {
			const proxy = await FaultProxy.open(server.address);
			const reader = await SqlConnection.open(endpointOf(server), source, context().signal);
			const unlock = async (): Promise<unknown> => await reader.exec('UNLOCK TABLES');
			let flushed = false;
			try {
				proxy.reset({
					...{ text: 'SELECT 1 FROM `b` LIMIT 0', when: 'before', effect: 'late' },
					strike: async () => {
						await reader.exec('LOCK TABLES b READ');
						// Waits for the reader, and leaves everybody else waiting for it, too.
						await server.sql('SET lock_wait_timeout = 1; FLUSH TABLES', source).catch(() => {
							flushed = true;
						});
						setTimeout(() => void unlock(), 3000);
					},
				});
				const endpoint = { ...endpointOf(server), port: proxy.port };
				const options = { endpoint, database: source, tool: TOOL, connections: 2 };
				const dump = await dumpDatabase(options, context());
				await restore(server, target, await read(dump.chunks), dump.summary());
				expect(flushed).toBe(true);
				expect(dump.summary().snapshot.method).toBe('global-read-lock');
				expect(await server.sql('SELECT * FROM b', target)).toBe('1\n');
			} finally {
				await reader.close();
				await proxy.close();
			}
		});
	}

	test('a routine that is changed meanwhile is an error', async () => {
		const dump = await start();
		await server.sql('CREATE PROCEDURE another() SELECT 2', source);
		await expect(read(dump.chunks)).rejects.toMatchObject({ code: 'sql_verify_failed' });
		expect(() => dump.summary()).toThrow('not read to its end');
	});
});

describe('the position in the binary log', () => {
	const database = 'positions';

	/** File and position as the server itself tells them while nobody writes. */
	async function expectPosition(server: TestServer, status: string): Promise<void> {
		await server.sql(`CREATE DATABASE ${database}; CREATE TABLE ${database}.t (x INT)`);
		const { snapshot } = (await dump(server, database)).summary;
		const [file = '', position = ''] = (await server.sql(status)).split('\t');
		expect(snapshot.binaryLog).toEqual({ file, position: Number(position) });
		expect(snapshot.gtid).toMatch(/^[\w-]+(:[\d-]+)?$/);
		await server.dropDatabase(database);
	}

	test.each(['mariadb11', 'mariadb10'] as const)('is recorded on %s', async (id) => {
		const { server, stop } = await startPrivateServer(id, {
			args: ['--log-bin=binary', '--server-id=7'],
		});
		try {
			await expectPosition(server, 'SHOW MASTER STATUS');
		} finally {
			await stop();
		}
	});

	test.each(servers('mysql9'))('is recorded on $id', async (server) => {
		await expectPosition(server, 'SHOW BINARY LOG STATUS');
	});

	test.each(servers('mariadb11'))('is null where there is no log: $id', async (server) => {
		await server.sql(`CREATE DATABASE ${database}; CREATE TABLE ${database}.t (x INT)`);
		const { snapshot } = (await dump(server, database)).summary;
		expect(snapshot).toMatchObject({ binaryLog: null, gtid: null });
		await server.dropDatabase(database);
	});
});
