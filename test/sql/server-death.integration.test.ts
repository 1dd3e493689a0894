import { afterEach, describe, expect, test } from 'vitest';

import { FaultProxy } from '../fault-proxy.ts';
import { type PrivateServer, SERVER_IDS, startPrivateServer } from '../servers/index.ts';
import { attemptBackup } from './faulty-backup.ts';
import { endpointOf } from './sql-session.ts';

const ROWS = 48_000;
const database = 'dying';

/** What the client sends when the server is ended; the last one: the rows are on their way. */
const PHASES = [
	'SHOW GRANTS',
	'information_schema.EVENTS',
	'SHOW CREATE FUNCTION',
	'`filler` FROM `big`',
	'COMMIT',
	'rows',
] as const;

async function filled(id: (typeof SERVER_IDS)[number]): Promise<PrivateServer> {
	const running = await startPrivateServer(id);
	const { server } = running;
	await server.sql(`CREATE DATABASE ${database}`);
	await server.sql(
		`CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, filler VARCHAR(600));
		INSERT INTO big (filler) VALUES (REPEAT('x', 500)), (REPEAT('y', 500)), (REPEAT('z', 500));
		CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;`,
		database,
	);
	for (let rows = 3; rows < ROWS; rows *= 2) {
		await server.sql('INSERT INTO big (filler) SELECT filler FROM big', database);
	}
	return running;
}

describe.each(SERVER_IDS)('a server %s that ends during a backup', (id) => {
	let running: PrivateServer | undefined;
	afterEach(async () => await running?.stop());

	const attempt = async (phase: (typeof PHASES)[number], end: () => Promise<void>) => {
		const { server } = running ?? {};
		if (server === undefined) throw new Error('no server');
		const { host, port } = server.address;
		const proxy = await FaultProxy.open({ host, port });
		let ended = false;
		const act = async () => {
			ended = true;
			await end();
		};
		if (phase === 'rows') proxy.afterBytes(4_000_000, act);
		else proxy.beforeRequest(phase, act);
		const endpoint = { ...endpointOf(server), host: '127.0.0.1', port: proxy.port };
		const outcome = await attemptBackup({ endpoint, database });
		await proxy.close();
		expect(ended).toBe(true);
		return outcome;
	};

	test.each(PHASES)('killed before %s', async (phase) => {
		running = await filled(id);
		const outcome = await attempt(phase, async () => await running?.kill());
		expect(outcome.code).toBe('sql_connection_lost');
		expect(outcome.files).toEqual([]);
	});

	test('shut down while the rows come', async () => {
		running = await filled(id);
		let stopping: Promise<void> | undefined;
		const outcome = await attempt('rows', async () => {
			await Promise.resolve();
			stopping = running?.stop();
		});
		expect(outcome.code).toBe('sql_connection_lost');
		expect(outcome.files).toEqual([]);
		await stopping;
		running = undefined;
	});
});
