import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { type ByteSource, EngineError } from '../../lib/core/index.ts';
import { type DumpSummary, dumpDatabase, restoreDatabase } from '../../lib/sql/index.ts';
import { servers } from '../servers/index.ts';
import {
	TOOL,
	chunksOf,
	context,
	dump,
	endpointOf,
	engineSessions,
	objectCount,
	restore,
} from './sql-session.ts';

const ROWS = 60_000;

/** The code of the error that it ends with; a hang ends with the time limit of the test. */
async function outcome(work: Promise<unknown>): Promise<{ code: string }> {
	const error: unknown = await work.then(
		() => undefined,
		(caught: unknown) => caught,
	);
	return { code: error instanceof EngineError ? error.code : String(error) };
}

async function readAll(source: ByteSource<DumpSummary>): Promise<number> {
	let bytes = 0;
	for await (const chunk of source.chunks) bytes += chunk.length;
	return bytes;
}

describe.each(servers())('interrupted work on $id', (server) => {
	const [source, target] = ['cut_source', 'cut_target'];
	let sql = Buffer.alloc(0);

	beforeAll(async () => {
		await server.dropDatabase(source);
		await server.dropDatabase(target);
		await server.sql(`CREATE DATABASE ${source}`);
		await server.sql(
			`CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, filler VARCHAR(600));
			INSERT INTO big (filler) VALUES (REPEAT('x', 500)), (REPEAT('y', 500)), (REPEAT('z', 500));
			CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;`,
			source,
		);
		let rows = 3;
		while (rows < ROWS) {
			await server.sql('INSERT INTO big (filler) SELECT filler FROM big', source);
			rows *= 2;
		}
		({ sql } = await dump(server, source));
	});
	afterEach(async () => {
		await server.dropDatabase(target);
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	});
	afterAll(async () => await server.dropDatabase(source));

	const start = async (signal?: AbortSignal) =>
		await dumpDatabase(
			{ endpoint: endpointOf(server), database: source, tool: TOOL },
			context(signal),
		);

	test('a session that is killed while it is read ends the dump with an error', async () => {
		const reading = await start();
		const iterator = reading.chunks[Symbol.asyncIterator]();
		await iterator.next();
		for (const id of await engineSessions(server)) await server.sql(`KILL ${id}`);
		const rest = async () => {
			while ((await iterator.next()).done !== true);
		};
		const { code } = await outcome(rest());
		expect(code).toBe('sql_connection_lost');
		expect(() => reading.summary()).toThrow(EngineError);
	});

	test('a session that is killed while nobody reads does so too', async () => {
		const reading = await start();
		for (const id of await engineSessions(server)) await server.sql(`KILL ${id}`);
		const { code } = await outcome(readAll(reading));
		expect(code).toBe('sql_connection_lost');
	});

	test('a cancel while the dump is read leaves no session', async () => {
		const controller = new AbortController();
		const reading = await start(controller.signal);
		const read = async () => {
			for await (const chunk of reading.chunks) {
				expect(chunk.length).toBeGreaterThan(0);
				controller.abort();
			}
		};
		const { code } = await outcome(read());
		expect(code).toBe('cancelled');
		expect(await engineSessions(server)).toEqual([]);
	});

	test('a cancel before the dump is read leaves no session', async () => {
		const controller = new AbortController();
		await start(controller.signal);
		controller.abort();
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	});

	test('a reader that leaves the loop leaves no session', async () => {
		const reading = await start();
		for await (const chunk of reading.chunks) {
			expect(chunk.length).toBeGreaterThan(0);
			break;
		}
		expect(await engineSessions(server)).toEqual([]);
	});

	test('a slow reader gets everything', async () => {
		const reading = await start();
		let bytes = 0;
		let chunks = 0;
		for await (const chunk of reading.chunks) {
			bytes += chunk.length;
			chunks += 1;
			if (chunks < 20) await sleep(50);
		}
		expect(bytes).toBe(reading.summary().bytes);
	});

	test('a cancel while the server runs a statement empties the target', async () => {
		const controller = new AbortController();
		// The statement waits for itself: 30 seconds in the server.
		const slow = Buffer.from(
			'CREATE TABLE a (b INT);\nINSERT INTO a VALUES (1);\nSELECT SLEEP(30);\n-- Dump completed\n',
		);
		const restoring = restoreDatabase(
			{ endpoint: endpointOf(server), database: target, chunks: chunksOf(slow) },
			context(controller.signal),
		);
		setTimeout(() => controller.abort(), 1_000);
		const { code } = await outcome(restoring);
		expect(code).toBe('cancelled');
		expect(await engineSessions(server)).toEqual([]);
		expect(await objectCount(server, target)).toBe('0 database, 0 objects');
	});

	test('a cancel while the source of a restore hangs empties the target', async () => {
		const controller = new AbortController();
		await server.sql(`CREATE DATABASE ${target} CHARACTER SET latin1`);
		async function* hanging(): AsyncGenerator<Uint8Array> {
			yield sql.subarray(0, sql.length / 2);
			setTimeout(() => controller.abort(), 200);
			await new Promise(() => undefined);
		}
		const { code } = await outcome(
			restoreDatabase(
				{ endpoint: endpointOf(server), database: target, chunks: hanging() },
				context(controller.signal),
			),
		);
		expect(code).toBe('cancelled');
		expect(await engineSessions(server)).toEqual([]);
		expect(await objectCount(server, target)).toBe('1 database, 0 objects');
		const charset = await server.sql('SELECT @@character_set_database', target);
		expect(charset.trim()).toBe('latin1');
	});

	test('a session that is killed during a restore: an error, and the target is emptied', async () => {
		async function* killing(): AsyncGenerator<Uint8Array> {
			yield sql.subarray(0, sql.length / 2);
			for (const id of await engineSessions(server)) await server.sql(`KILL ${id}`);
			yield sql.subarray(sql.length / 2);
		}
		const { code } = await outcome(
			restoreDatabase(
				{ endpoint: endpointOf(server), database: target, chunks: killing() },
				context(),
			),
		);
		expect(code).toBe('sql_connection_lost');
		expect(await objectCount(server, target)).toBe('0 database, 0 objects');
	});

	test.each([0.001, 0.3, 0.9, 0.99999])('a dump cut at %d of its length', async (part) => {
		const cut = sql.subarray(0, Math.floor(sql.length * part));
		const { code } = await outcome(restore(server, target, cut));
		expect(code).toBe('artifact_truncated');
		expect(await objectCount(server, target)).toBe('0 database, 0 objects');
	});

	test("a source's own error is passed on, and the target is emptied", async () => {
		async function* failing(): AsyncGenerator<Uint8Array> {
			await Promise.resolve();
			yield sql.subarray(0, sql.length / 2);
			throw new EngineError('artifact_corrupt', 'broken');
		}
		const { code } = await outcome(
			restoreDatabase(
				{ endpoint: endpointOf(server), database: target, chunks: failing() },
				context(),
			),
		);
		expect(code).toBe('artifact_corrupt');
		expect(await objectCount(server, target)).toBe('0 database, 0 objects');
	});

	test('the remains of a killed restore are recognised and replaced', async () => {
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(
			`CREATE TABLE _n8n_caosdb_restore_unfinished (note VARCHAR(200));
			CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE child (id INT, FOREIGN KEY (id) REFERENCES parent (id));
			CREATE VIEW v AS SELECT id FROM parent; CREATE PROCEDURE p() SELECT 1;
			CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;`,
			target,
		);
		const error = await outcome(dump(server, target));
		expect(error.code).toBe('sql_object_unsupported');
		const report = await restore(server, target, sql);
		expect(report).toMatchObject({ clearedUnfinished: true, createdDatabase: false, views: 0 });
		expect(await objectCount(server, target)).toBe('1 database, 2 objects');
	});

	test('two restores into one database: the second is refused and changes nothing', async () => {
		let second: Promise<{ code: string }> | undefined;
		async function* nested(): AsyncGenerator<Uint8Array> {
			yield sql.subarray(0, sql.length / 2);
			second = outcome(restore(server, target, sql));
			await second;
			yield sql.subarray(sql.length / 2);
		}
		const report = await restoreDatabase(
			{ endpoint: endpointOf(server), database: target, chunks: nested() },
			context(),
		);
		expect((await second)?.code).toBe('sql_database_in_use');
		expect(report.routines).toBe(1);
	});
});
