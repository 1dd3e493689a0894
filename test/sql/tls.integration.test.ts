import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type SqlEndpoint, checkConnection } from '../../lib/sql/index.ts';
import { type PrivateServer, SERVER_IDS, startPrivateServer } from '../servers/index.ts';
import { type Certificate, CertificateAuthority } from '../servers/certificates.ts';
import { dump, endpointOf } from './sql-session.ts';
import { attemptBackup } from './faulty-backup.ts';

const never = new AbortController().signal;

describe.each(SERVER_IDS)('encryption with certificates on %s', (id) => {
	let folder: string;
	let running: PrivateServer;
	let ca: CertificateAuthority;
	let other: CertificateAuthority;
	let client: Certificate;
	let strange: Certificate;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'caosdb-tls-'));
		ca = await CertificateAuthority.create(folder, 'authority');
		other = await CertificateAuthority.create(folder, 'stranger');
		const certificate = await ca.issue('server', 'DNS:localhost');
		client = await ca.issue('client', 'DNS:client');
		strange = await other.issue('strange', 'DNS:client');
		running = await startPrivateServer(id, {
			args: [
				`--ssl-ca=${ca.caFile}`,
				`--ssl-cert=${certificate.certFile}`,
				`--ssl-key=${certificate.keyFile}`,
			],
		});
		await running.server.sql(
			`CREATE USER guarded@'%' IDENTIFIED BY 'guarded-secret' REQUIRE X509; GRANT ALL ON *.* TO guarded@'%';
			CREATE DATABASE guarded; CREATE TABLE guarded.a (x INT); INSERT INTO guarded.a VALUES (1)`,
		);
	});
	afterAll(async () => {
		await running.stop();
		await rm(folder, { recursive: true, force: true });
	});

	const endpoint = (more: Partial<SqlEndpoint> = {}): SqlEndpoint => ({
		...endpointOf(running.server),
		host: 'localhost',
		...more,
	});
	const code = async (tried: SqlEndpoint) =>
		await checkConnection(tried, undefined, never).then(
			({ tlsCipher }) => (tlsCipher === null ? 'plain' : 'encrypted'),
			(error: { code?: string }) => error.code,
		);

	test('the authority and the name are right', async () => {
		expect(await code(endpoint({ tls: { verify: true, ca: await ca.pem() } }))).toBe('encrypted');
	});

	test('another authority, and none', async () => {
		expect(await code(endpoint({ tls: { verify: true, ca: await other.pem() } }))).toBe(
			'sql_tls_failed',
		);
		expect(await code(endpoint({ tls: { verify: true } }))).toBe('sql_tls_failed');
	});

	test('another host name than in the certificate', async () => {
		const tls = { verify: true, ca: await ca.pem() };
		expect(await code(endpoint({ host: '127.0.0.1', tls }))).toBe('sql_tls_failed');
		expect(await code(endpoint({ host: 'localhost.localdomain', tls }))).not.toBe('encrypted');
	});

	test('an address in the certificate, and a name that is not', async () => {
		const certificate = await ca.issue('addressed', 'IP:127.0.0.1');
		const addressed = await startPrivateServer(id, {
			args: [`--ssl-cert=${certificate.certFile}`, `--ssl-key=${certificate.keyFile}`],
		});
		try {
			const tls = { verify: true, ca: await ca.pem() };
			const at = endpointOf(addressed.server);
			expect(await code({ ...at, host: '127.0.0.1', tls })).toBe('encrypted');
			expect(await code({ ...at, host: 'localhost', tls })).toBe('sql_tls_failed');
		} finally {
			await addressed.stop();
		}
	});

	test('nothing is checked when the user says so', async () => {
		expect(await code(endpoint({ host: '127.0.0.1', tls: { verify: false } }))).toBe('encrypted');
	});

	test('a certificate of the client that the account demands', async () => {
		const guarded = { user: 'guarded', password: 'guarded-secret' };
		const tls = { verify: true, ca: await ca.pem() };
		expect(await code(endpoint(guarded))).toBe('sql_access_denied');
		expect(await code(endpoint({ ...guarded, tls }))).toBe('sql_access_denied');
		const { cert, key } = client;
		expect(await code(endpoint({ ...guarded, tls: { ...tls, cert, key } }))).toBe('encrypted');
		const wrong = { cert: strange.cert, key: strange.key };
		expect(await code(endpoint({ ...guarded, tls: { ...tls, ...wrong } }))).not.toBe('encrypted');
		const broken = { cert, key: 'no key' };
		expect(await code(endpoint({ ...guarded, tls: { ...tls, ...broken } }))).not.toBe('encrypted');
	});

	test('a backup over it is the same', async () => {
		const tls = { verify: true, ca: await ca.pem() };
		const outcome = await attemptBackup({ endpoint: endpoint({ tls }), database: 'guarded' });
		expect(outcome.code).toBe('complete');
		const { summary } = await dump(running.server, 'guarded');
		expect(outcome.report?.details.tables).toEqual(summary.tables);
	});
});
