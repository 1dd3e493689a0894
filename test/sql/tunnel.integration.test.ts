import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import { type SqlEndpoint, type SshTunnel, checkConnection } from '../../lib/sql/index.ts';
import { FaultProxy } from '../fault-proxy.ts';
import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { contentDifferences, databaseContent, freePort, servers } from '../servers/index.ts';
import { startAskingSshServer } from '../servers/asking-ssh-server.ts';
import { type SshServer, startSshServer } from '../servers/ssh-server.ts';
import { attemptBackup } from './faulty-backup.ts';
import { endpointOf, engineSessions } from './sql-session.ts';

const LOST = ['sql_connection_lost', 'sql_unreachable', 'ssh_unreachable'];

let ssh: SshServer;
beforeAll(async () => void (ssh = await startSshServer()));
afterAll(async () => await ssh.stop());

const never = new AbortController().signal;

async function failure(endpoint: SqlEndpoint): Promise<EngineError> {
	const caught: unknown = await checkConnection(endpoint, undefined, never).then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!(caught instanceof EngineError)) throw new Error(`no EngineError: ${String(caught)}`);
	const text = `${caught.message} ${caught.remedy ?? ''} ${JSON.stringify(caught.details)}`;
	expect(text).not.toMatch(/\bE[A-Z]{5,}\b|BEGIN|passphrase-secret/);
	return caught;
}

describe.each(servers())('an SSH tunnel to $id', (server) => {
	const database = 'tunnelled';
	const through = (tunnel: Partial<SshTunnel> = {}): SqlEndpoint => ({
		...endpointOf(server),
		tunnel: {
			host: ssh.host,
			port: ssh.port,
			user: ssh.user,
			login: { by: 'privateKey', privateKey: ssh.key },
			hostKey: ssh.fingerprint,
			...tunnel,
		},
	});

	beforeAll(async () => await loadRealBackup(server, database));
	afterAll(async () => await server.dropDatabase(database));

	test('a backup through it is equal to one without', async () => {
		const straight = await attemptBackup({ endpoint: endpointOf(server), database });
		const tunnelled = await attemptBackup({ endpoint: through(), database });
		expect(tunnelled.code).toBe('complete');
		const lines = (sql: string | undefined) =>
			(sql ?? '').split('\n').filter((line) => !/^-- (Snapshot|Dump completed)/.test(line));
		expect(lines(tunnelled.sql)).toEqual(lines(straight.sql));
		expect(lines(tunnelled.sql).length).toBeGreaterThan(1_000);
		await server.dropDatabase('tunnel_target');
		await server.sql('CREATE DATABASE tunnel_target');
		await server.sql(Buffer.from(tunnelled.sql ?? '', 'latin1'), 'tunnel_target');
		expect(
			contentDifferences(
				await databaseContent(server, database),
				await databaseContent(server, 'tunnel_target'),
			),
		).toEqual([]);
		await server.dropDatabase('tunnel_target');
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	});

	test('it carries encryption of the database too', async () => {
		const encrypted = { ...through(), tls: { verify: false } };
		const [asked] = await Promise.allSettled([checkConnection(encrypted, database, never)]);
		if (asked.status === 'fulfilled') expect(asked.value.tlsCipher).toMatch(/TLS|AES/);
		else expect(asked.reason).toMatchObject({ code: 'sql_tls_failed' });
		if (server.id === 'mysql9') expect(asked.status).toBe('fulfilled');
	});

	test('it reaches a Unix socket of the other machine', async () => {
		const { socketPath } = server.address;
		// A server that was named by a variable may have none.
		if (socketPath === undefined) return;
		await chmod(dirname(socketPath), 0o711);
		const info = await checkConnection({ ...through(), socketPath }, database, never);
		expect(info.vendor).toBe(server.vendor);
	});

	test('a key with a passphrase', async () => {
		const login = { by: 'privateKey', privateKey: ssh.protectedKey } as const;
		const { passphrase } = ssh;
		await checkConnection(through({ login: { ...login, passphrase } }), database, never);
		for (const wrong of [login, { ...login, passphrase: 'passphrase-secret' }]) {
			expect(await failure(through({ login: wrong }))).toMatchObject({ code: 'invalid_option' });
		}
	});

	test('a password', async () => {
		const { password } = ssh;
		await checkConnection(through({ login: { by: 'password', password } }), database, never);
		const asked = await startAskingSshServer({ user: ssh.user, password });
		onTestFinished(async () => await asked.stop());
		const { port, fingerprint: hostKey } = asked;
		const login = { by: 'password', password } as const;
		await checkConnection(through({ port, hostKey, login }), database, never);
		const wrong = { by: 'password', password: 'passphrase-secret' } as const;
		const refused = await failure(through({ port, hostKey, login: wrong }));
		expect(refused).toMatchObject({ code: 'ssh_access_denied' });
	});

	test('a key that the server does not accept, a wrong password, a wrong user', async () => {
		const refused: Partial<SshTunnel>[] = [
			{ login: { by: 'privateKey', privateKey: ssh.strangeKey } },
			{ login: { by: 'password', password: 'passphrase-secret' } },
			{ user: 'nobody-else' },
		];
		for (const tunnel of refused) {
			expect(await failure(through(tunnel))).toMatchObject({ code: 'ssh_access_denied' });
		}
	});

	test('something that is no key', async () => {
		const login = { by: 'privateKey', privateKey: 'no key at all' } as const;
		expect(await failure(through({ login }))).toMatchObject({ code: 'invalid_option' });
	});

	test('host keys by fingerprint and by lines of known_hosts, of either type', async () => {
		for (const hostKey of Object.values(ssh.knownHosts)) {
			await checkConnection(through({ hostKey }), database, never);
		}
		const several = `SHA256:${'A'.repeat(43)}\n${ssh.fingerprint}`;
		await checkConnection(through({ hostKey: several }), database, never);
	});

	test('an unknown host key is refused with the fingerprint, which then works', async () => {
		const unknown = await failure(through({ hostKey: '' }));
		expect(unknown.code).toBe('ssh_host_key_untrusted');
		const found = /SHA256:\S{43}/.exec(unknown.message)?.[0] ?? '';
		await checkConnection(through({ hostKey: found }), database, never);
	});

	test('another host key than the trusted one is refused', async () => {
		const wrong = await failure(through({ hostKey: `SHA256:${'B'.repeat(43)}` }));
		expect(wrong.code).toBe('ssh_host_key_untrusted');
		expect(wrong.message).toContain('shows another key');
	});

	test('no SSH server there, something else there, nobody who answers', async () => {
		const port = await freePort();
		expect(await failure(through({ port }))).toMatchObject({ code: 'ssh_unreachable' });
		const silent = { ...through({ host: '192.0.2.1' }), connectTimeoutMs: 300 };
		expect(await failure(silent)).toMatchObject({ code: 'ssh_unreachable' });
		const other = { ...through({ port: server.address.port }), connectTimeoutMs: 2_000 };
		expect(await failure(other)).toMatchObject({ code: 'ssh_unreachable' });
	});

	test('a database that the SSH server cannot reach', async () => {
		const error = await failure({ ...through(), port: await freePort() });
		expect(error.code).toBe('sql_unreachable');
		expect(error.message).toContain('cannot connect to the database server');
	});

	test('a wrong password of the database is told as such', async () => {
		const error = await failure({ ...through(), password: 'passphrase-secret' });
		expect(error.code).toBe('sql_access_denied');
		expect(error.message).toContain('by SSH through 127.0.0.1');
	});

	test('a cancel while it logs in', async () => {
		const controller = new AbortController();
		const proxy = await FaultProxy.open({ host: ssh.host, port: ssh.port });
		onTestFinished(async () => await proxy.close());
		proxy.stall();
		const waiting = checkConnection(through({ port: proxy.port }), undefined, controller.signal);
		await sleep(50);
		controller.abort();
		await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
	});

	test.each(['end', 'reset'] as const)(
		'the tunnel is cut (%s) at any place: an error, never a short dump',
		async (ending) => {
			const proxied = async () => {
				const proxy = await FaultProxy.open({ host: ssh.host, port: ssh.port });
				onTestFinished(async () => await proxy.close());
				return { proxy, endpoint: through({ port: proxy.port }) };
			};
			const whole = await proxied();
			expect((await attemptBackup({ endpoint: whole.endpoint, database })).code).toBe('complete');
			const total = whole.proxy.receivedBytes;
			for (const part of [0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9]) {
				const { proxy, endpoint } = await proxied();
				proxy.cutAfter(Math.floor(total * part), ending);
				const outcome = await attemptBackup({ endpoint, database });
				expect(LOST).toContain(outcome.code);
				expect(outcome.files).toEqual([]);
			}
			await expect.poll(async () => await engineSessions(server)).toEqual([]);
		},
	);

	test('the SSH server is killed while the rows come', async () => {
		const dying = await startSshServer();
		onTestFinished(async () => await dying.stop());
		const { host, port, user, key: privateKey, fingerprint: hostKey } = dying;
		const proxy = await FaultProxy.open({ host, port });
		onTestFinished(async () => await proxy.close());
		let killed = false;
		proxy.afterBytes(100_000, async () => {
			killed = true;
			await dying.kill();
		});
		const login = { by: 'privateKey', privateKey } as const;
		const endpoint = through({ port: proxy.port, user, login, hostKey });
		const outcome = await attemptBackup({ endpoint, database });
		expect(killed).toBe(true);
		expect(LOST).toContain(outcome.code);
		expect(outcome.files).toEqual([]);
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	});
});
