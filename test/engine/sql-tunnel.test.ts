import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { servers } from '../servers/index.ts';
import { type SshServer, startSshServer } from '../servers/ssh-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';
import { sqlCredential } from './sql-credential.ts';

let engine: Engine;
let ssh: SshServer;
beforeAll(async () => {
	engine = await openEngine(join(import.meta.dirname, '../..'));
	ssh = await startSshServer();
});
afterAll(async () => {
	await ssh.stop();
	await engine.close();
});

describe.each(servers())('the credential with an SSH tunnel to $id', (server) => {
	const database = 'node_tunnel';
	beforeAll(async () => {
		await server.dropDatabase(database);
		await server.sql(`CREATE DATABASE ${database}; CREATE TABLE ${database}.a (x INT)`);
	});
	afterAll(async () => await server.dropDatabase(database));

	const credential = (more: object = {}) => ({
		...sqlCredential(server, database),
		sshTunnel: true,
		sshAuthenticateWith: 'privateKey',
		sshHost: ssh.host,
		sshPort: ssh.port,
		sshUser: ssh.user,
		sshHostKey: ssh.fingerprint,
		// As it looks when it was pasted into a field of one line.
		privateKey: ssh.key.replaceAll('\n', ' '),
		...more,
	});
	const tested = async (more: object = {}) =>
		await engine.testCredential('sqlBackup', 'sqlConnectionTest', credential(more));

	it('is tested through the tunnel', async () => {
		const { status, message } = await tested();
		expect(message).toMatch(/^Connected to (MariaDB|MySQL) \d/);
		expect(status).toBe('OK');
		const { passphrase, protectedKey } = ssh;
		expect(await tested({ privateKey: protectedKey, passphrase })).toMatchObject({ status: 'OK' });
		const byPassword = { sshAuthenticateWith: 'password', sshPassword: ssh.password };
		expect(await tested({ ...byPassword, privateKey: '' })).toMatchObject({ status: 'OK' });
	});

	it('tells the fingerprint of an unknown server, which can be pasted', async () => {
		const { status, message } = await tested({ sshHostKey: '' });
		expect(status).toBe('Error');
		const found = /SHA256:\S{43}/.exec(message)?.[0];
		expect(await tested({ sshHostKey: found })).toMatchObject({ status: 'OK' });
	});

	it('says what is wrong, without a secret', async () => {
		const wrong = await tested({ sshAuthenticateWith: 'password', sshPassword: 'hidden-secret' });
		expect(wrong.status).toBe('Error');
		expect(wrong.message).toContain(`refused the login of ${ssh.user}`);
		expect(wrong.message).not.toContain('hidden-secret');
		expect((await tested({ privateKey: 'x' })).message).toContain('private key cannot be read');
		expect((await tested({ sshUser: '' })).message).toContain("no 'SSH User'");
	});

	it('backs up and lists tables through it', async () => {
		const folder = await temporaryFolder();
		allowFolders(folder);
		const result = await engine.run({
			credentials: { source: credential() },
			nodes: [
				{
					type: 'sqlBackup',
					credentials: { caosDbSqlApi: 'source' },
					parameters: { destination: 'file', filePath: join(folder, 'dump.sql.zst') },
				},
			],
		});
		expect(result.error).toBeUndefined();
		expect(result.output('sqlBackup')[0]?.json).toMatchObject({ status: 'complete' });
		expect(await readdir(folder)).toEqual(['dump.sql.zst']);
		const listed = await engine.loadOptions('sqlBackup', 'getTables', {
			caosDbSqlApi: credential(),
		});
		expect(listed.map(({ value }) => value)).toEqual(['a']);
	});
});
