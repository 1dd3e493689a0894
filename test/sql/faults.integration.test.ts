import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { type Ending, FaultProxy } from '../fault-proxy.ts';
import { servers } from '../servers/index.ts';
import { CAN_MOUNT, smallDisk } from '../small-disk.ts';
import { type BackupOutcome, attemptBackup } from './faulty-backup.ts';
import { endpointOf, engineSessions } from './sql-session.ts';

const CUTS = 24;
const LOST = ['sql_connection_lost', 'sql_unreachable', 'sql_tls_failed'];
const ROWS = 48_000;

/** What the client sends in the phases of a dump, in this order. */
const PHASES = [
	'VERSION()',
	'SHOW GRANTS',
	'START TRANSACTION',
	'information_schema.EVENTS',
	'SHOW CREATE TABLE `big`',
	'SHOW CREATE FUNCTION',
	'SHOW CREATE TRIGGER',
	'`filler` FROM `big`',
	'`a` FROM `small`',
	'COMMIT',
] as const;

describe.each(servers())('faults during a backup of $id', (server) => {
	const database = 'faulty';

	beforeAll(async () => {
		await server.dropDatabase(database);
		await server.sql(`CREATE DATABASE ${database}`);
		await server.sql(
			`CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, filler VARCHAR(600));
			INSERT INTO big (filler) VALUES (REPEAT('x', 500)), (REPEAT('y', 500)), (REPEAT('z', 500));
			CREATE TABLE small (a INT); INSERT INTO small VALUES (1), (2), (3);
			CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
			CREATE VIEW v AS SELECT a FROM small;
			CREATE TRIGGER t BEFORE INSERT ON small FOR EACH ROW SET @t = 1;
			CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DISABLE DO SET @e = 1;`,
			database,
		);
		for (let rows = 3; rows < ROWS; rows *= 2) {
			await server.sql('INSERT INTO big (filler) SELECT filler FROM big', database);
		}
	});
	afterAll(async () => await server.dropDatabase(database));

	const proxied = async () => {
		const { host, port } = server.address;
		const proxy = await FaultProxy.open({ host, port });
		onTestFinished(async () => await proxy.close());
		return { proxy, endpoint: { ...endpointOf(server), host: '127.0.0.1', port: proxy.port } };
	};
	/** An error in time, nothing on the disk, no session on the server. */
	const expectNothing = async ({ code, files }: BackupOutcome, codes: readonly string[]) => {
		expect(codes).toContain(code);
		expect(files).toEqual([]);
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	};
	/** Where the fault may come too late to matter: then everything must be there. */
	const expectNothingOrAll = async (outcome: BackupOutcome, codes: readonly string[]) => {
		if (outcome.code !== 'complete') return await expectNothing(outcome, codes);
		expect(outcome.sql).toMatch(/\n-- Dump completed[^\n]*\n$/);
		const tables = outcome.report?.details.tables as { name: string; rows: number }[];
		expect(tables.map(({ rows }) => rows)).toEqual([rowCount, 3]);
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	};
	let rowCount = 3;
	while (rowCount < ROWS) rowCount *= 2;

	/** What the client says to a change that may wait for a second. */
	const changed = async (change: string) => {
		const sql = `SET lock_wait_timeout = 1; ${change}`;
		return (await server.client(['-D', database, '-e', sql])).stderr;
	};
	const measured = async () => {
		const { proxy, endpoint } = await proxied();
		const whole = await attemptBackup({ endpoint, database });
		expect(whole.code).toBe('complete');
		return proxy.receivedBytes;
	};

	test.each(['end', 'reset'] as const satisfies readonly Ending[])(
		'the network fails (%s) at any place: an error, never a short dump',
		async (ending) => {
			const total = await measured();
			const places = Array.from({ length: CUTS }, (_, at) => Math.floor((total * at) / CUTS));
			// Densely in what comes before the rows, and at the very end.
			const early = Array.from({ length: CUTS }, (_, at) => at * 900);
			for (const bytes of [...early, ...places, total - 1_000, total - 200]) {
				const { proxy, endpoint } = await proxied();
				proxy.cutAfter(bytes, ending);
				const outcome = await attemptBackup({ endpoint, database });
				await expectNothing(outcome, LOST);
			}
		},
	);

	test.each(PHASES)('the session is killed before %s', async (phase) => {
		const { proxy, endpoint } = await proxied();
		let killed = 0;
		proxy.beforeRequest(phase, async () => {
			for (const id of await engineSessions(server)) {
				killed += 1;
				await server.sql(`KILL ${id}`);
			}
		});
		const outcome = await attemptBackup({ endpoint, database });
		expect(killed).toBeGreaterThan(0);
		await expectNothing(outcome, LOST);
	});

	test.each(PHASES)('the statement is killed around %s', async (phase) => {
		const { proxy, endpoint } = await proxied();
		let killed = 0;
		proxy.beforeRequest(phase, async () => {
			for (const id of await engineSessions(server)) {
				killed += 1;
				await server.sql(`KILL QUERY ${id}`);
			}
		});
		const outcome = await attemptBackup({ endpoint, database });
		expect(killed).toBeGreaterThan(0);
		await expectNothingOrAll(outcome, LOST);
	});

	test.each(['KILL QUERY', 'KILL'])('%s while the rows come', async (kill) => {
		const { proxy, endpoint } = await proxied();
		let killed = 0;
		// The server cannot have sent all by then: the network holds less than what is left.
		proxy.afterBytes(4_000_000, async () => {
			for (const id of await engineSessions(server)) {
				killed += 1;
				await server.sql(`${kill} ${id}`);
			}
		});
		const outcome = await attemptBackup({ endpoint, database });
		expect(killed).toBeGreaterThan(0);
		// Between two statements of a session there is nothing to kill: then nothing is missing.
		if (kill === 'KILL QUERY') await expectNothingOrAll(outcome, LOST);
		else await expectNothing(outcome, LOST);
	});

	test('a network that hangs: a cancel ends it, though the server cannot be told', async () => {
		const { proxy, endpoint } = await proxied();
		const controller = new AbortController();
		let cancelled = 0;
		const outcome = await attemptBackup({
			endpoint: { ...endpoint, connectTimeoutMs: 1_000 },
			database,
			signal: controller.signal,
			onRows: (rows) => {
				if (rows === 0 || cancelled > 0) return;
				proxy.stall();
				void sleep(500).then(() => {
					cancelled = Date.now();
					controller.abort();
				});
			},
		});
		expect(outcome).toMatchObject({ code: 'cancelled', files: [] });
		expect(cancelled).toBeGreaterThan(0);
	});

	test('a server that takes the connection and says nothing', async () => {
		const { proxy, endpoint } = await proxied();
		proxy.stall();
		const outcome = await attemptBackup({
			endpoint: { ...endpoint, connectTimeoutMs: 500 },
			database,
		});
		expect(outcome).toMatchObject({ code: 'sql_unreachable', files: [] });
	});

	test.runIf(CAN_MOUNT)('the disk is full', async () => {
		const folder = await smallDisk(2_000);
		const outcome = await attemptBackup({ endpoint: endpointOf(server), database, folder });
		await expectNothing(outcome, ['disk_full']);
	});

	test.each([
		['DROP FUNCTION f', 'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1'],
		['CREATE PROCEDURE p() SELECT 1', 'DROP PROCEDURE p'],
		[
			'DROP EVENT e',
			"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DISABLE DO SET @e = 1",
		],
	])('another session runs %s while the rows are read', async (change, undo) => {
		const { proxy, endpoint } = await proxied();
		let said = 'nothing';
		proxy.beforeRequest('`filler` FROM `big`', async () => void (said = await changed(change)));
		const outcome = await attemptBackup({ endpoint, database });
		// MySQL lets some of these wait, as all servers do with changes of tables.
		if (said.includes('1205')) return await expectNothingOrAll(outcome, []);
		expect(said).toBe('');
		await server.sql(undo, database);
		await expectNothing(outcome, ['sql_verify_failed']);
	});

	test.each([
		'ALTER TABLE small ADD b INT',
		'TRUNCATE TABLE small',
		'DROP TABLE small',
		'RENAME TABLE small TO moved',
		'DROP TRIGGER t',
		'ALTER VIEW v AS SELECT a + 1 AS a FROM small',
	])('%s by another session waits for the end of the dump', async (change) => {
		const { proxy, endpoint } = await proxied();
		let refused = '';
		proxy.beforeRequest('`filler` FROM `big`', async () => void (refused = await changed(change)));
		const outcome = await attemptBackup({ endpoint, database });
		expect(refused).toContain('1205');
		expect(outcome.code).toBe('complete');
		await expectNothingOrAll(outcome, []);
	});
});
