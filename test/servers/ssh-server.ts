import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { bundledProgram, debianFolder } from './debian-packages.ts';
import { freePort } from './free-port.ts';
import { mustRun } from './run-command.ts';

/** A real OpenSSH server that belongs to this process; logging in works with its keys or its password. */
export interface SshServer {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
	/** Private keys that it accepts; the second needs the passphrase. */
	readonly key: string;
	readonly protectedKey: string;
	readonly passphrase: string;
	/** A key that it does not accept. */
	readonly strangeKey: string;
	/** `SHA256:…` of its ed25519 key, as ssh-keygen prints it. */
	readonly fingerprint: string;
	/** Its keys as ssh-keyscan prints them, e.g. `[127.0.0.1]:2222 ssh-ed25519 AAAA…`. */
	readonly knownHosts: Readonly<Record<'ed25519' | 'rsa', string>>;
	/** Ends the server and every connection through it at once. */
	kill(): Promise<void>;
	stop(): Promise<void>;
}

/**
 * The server runs without rights, so that it needs no account of its own for its parts; it then takes
 * logins of its own user only. A library shows it that user, for the machine's may be locked.
 */
const IS_ROOT = process.getuid?.() === 0;
const { uid, gid } = IS_ROOT ? { uid: 65_534, gid: 65_534 } : userInfo();
const USER = 'tunnel-user';
const PASSWORD = 'tunnel password';
/** `openssl passwd -6 -salt n8ncaosdb 'tunnel password'` */
const PASSWORD_HASH =
	'$6$n8ncaosdb$rJgQpoloq3gemsQNHbpddOvPQhdFSsRySPJO4Igy8Q1a28IMJPoyL9PZpKep.YNPBN.l7RmJy0JEaoLgNxk3i/';
const START_TIMEOUT_MS = 20_000;

async function programs(): Promise<string> {
	return await debianFolder({
		name: 'debian-bookworm-openssh-nss',
		suite: 'bookworm',
		packages: ['openssh-server', 'openssh-client', 'libnss-wrapper'],
	});
}

async function makeKey(
	root: string,
	path: string,
	type: 'ed25519' | 'rsa',
	passphrase = '',
): Promise<string> {
	const keygen = bundledProgram(root, 'usr/bin/ssh-keygen');
	await mustRun([...keygen, '-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path]);
	return readFileSync(path, 'utf8');
}

function configuration(folder: string, port: number): string {
	return [
		'ListenAddress 127.0.0.1',
		`Port ${port}`,
		`HostKey ${join(folder, 'host_ed25519')}`,
		`HostKey ${join(folder, 'host_rsa')}`,
		`AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
		`PidFile ${join(folder, 'pid')}`,
		'PasswordAuthentication yes',
		'KbdInteractiveAuthentication no',
		'UsePAM no',
		'StrictModes no',
		'AllowTcpForwarding local',
		'AllowStreamLocalForwarding yes',
		'MaxStartups 100',
		'LogLevel VERBOSE',
		'',
	].join('\n');
}

/** Environment in which the programs see one account, with a shell that exists and its password. */
function accountOf(folder: string): NodeJS.ProcessEnv {
	const files = { PASSWD: join(folder, 'passwd'), GROUP: join(folder, 'group') };
	writeFileSync(
		files.PASSWD,
		`${USER}:${PASSWORD_HASH}:${uid}:${gid}:${USER}:${folder}:/bin/false\n`,
	);
	writeFileSync(files.GROUP, `${USER}:x:${gid}:\n`);
	return {
		LD_PRELOAD: join(folder, 'root/usr/lib/x86_64-linux-gnu/libnss_wrapper.so'),
		NSS_WRAPPER_PASSWD: files.PASSWD,
		NSS_WRAPPER_GROUP: files.GROUP,
	};
}

/** The server runs as an account that cannot read the cache, so it gets a copy of what it needs. */
function copyServer(root: string, folder: string): string {
	const copy = join(folder, 'root');
	for (const part of [
		'usr/sbin/sshd',
		'usr/lib/x86_64-linux-gnu',
		'lib/x86_64-linux-gnu',
		'lib64',
	]) {
		const from = join(root, part);
		if (existsSync(from))
			cpSync(from, join(copy, part), { recursive: true, verbatimSymlinks: true });
	}
	return copy;
}

async function waitForPort(port: number, child: ChildProcess, log: () => string): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	while (Date.now() < deadline && child.exitCode === null) {
		const probe = connect(port, '127.0.0.1');
		const greeted = once(probe, 'data').then(
			() => true,
			() => false,
		);
		const answered = await Promise.race([greeted, sleep(500, false)]);
		probe.destroy();
		if (answered) return;
		await sleep(100);
	}
	throw new Error(`sshd did not start:\n${log()}`);
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});

/** Its connections are processes of their own, each with a child, which would outlive it. */
function endWithConnections(pid: number): void {
	const file = `/proc/${pid}/task/${pid}/children`;
	const children = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It ended by itself.
	}
	for (const child of children.map(Number)) if (child > 0) endWithConnections(child);
}

/** Starts a server on a free port of loopback; its programs are fetched the first time. */
export async function startSshServer(): Promise<SshServer> {
	const root = await programs();
	const folder = await mkdtemp(join(tmpdir(), 'caosdb-sshd-'));
	chmodSync(folder, 0o755);
	mkdirSync(join(folder, 'keys'));
	const port = await freePort();
	await makeKey(root, join(folder, 'host_ed25519'), 'ed25519');
	await makeKey(root, join(folder, 'host_rsa'), 'rsa');
	const passphrase = 'a passphrase';
	const keys = {
		key: await makeKey(root, join(folder, 'keys/plain'), 'ed25519'),
		protectedKey: await makeKey(root, join(folder, 'keys/protected'), 'rsa', passphrase),
		strangeKey: await makeKey(root, join(folder, 'keys/strange'), 'ed25519'),
	};
	const publicKey = (name: string) => readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
	writeFileSync(
		join(folder, 'authorized_keys'),
		`${publicKey('keys/plain')}\n${publicKey('keys/protected')}\n`,
	);
	writeFileSync(join(folder, 'config'), configuration(folder, port));
	if (IS_ROOT) execFileSync('chown', ['-R', `${uid}:${gid}`, folder]);
	const [program = '', ...args] = bundledProgram(copyServer(root, folder), 'usr/sbin/sshd');
	let log = '';
	// -r: it would start itself again for each connection, without the loader that it needs.
	const child = spawn(program, [...args, '-D', '-e', '-r', '-f', join(folder, 'config')], {
		stdio: ['ignore', 'ignore', 'pipe'],
		...(IS_ROOT ? { uid, gid } : {}),
		env: accountOf(folder),
	});
	child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
	running.add(child);
	const exited = once(child, 'exit').finally(() => running.delete(child));
	const kill = async () => {
		if (child.pid !== undefined) endWithConnections(child.pid);
		await exited;
	};
	const stop = async () => {
		await kill();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await waitForPort(port, child, () => log);
	} catch (error) {
		await stop();
		throw error;
	}
	const keygen = bundledProgram(root, 'usr/bin/ssh-keygen');
	const listed = await mustRun([...keygen, '-lf', join(folder, 'host_ed25519.pub')]);
	const known = (type: string) =>
		`[127.0.0.1]:${port} ${publicKey(`host_${type}`).split(' ').slice(0, 2).join(' ')}`;
	return {
		...{ host: '127.0.0.1', port, user: USER, password: PASSWORD, ...keys, passphrase },
		fingerprint: listed.toString().split(' ')[1] ?? '',
		knownHosts: { ed25519: known('ed25519'), rsa: known('rsa') },
		kill,
		stop,
	};
}
