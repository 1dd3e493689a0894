import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { newDataFolder } from './data-folder.ts';
import { freePort } from './free-port.ts';
import { memoryFolder } from './memory-folder.ts';
import {
	SERVER_KINDS,
	type ServerId,
	type ServerSoftware,
	serverSoftware,
} from './server-software.ts';
import { type ServerAddress, TestServer } from './test-server.ts';

/** A server that belongs to this process: own data folder, own socket, free port. */
export interface PrivateServer {
	readonly server: TestServer;
	/** Clean shutdown; the data folder is gone afterwards. */
	stop(): Promise<void>;
	/** Ends it as a power cut would; `stop` still removes the data folder. */
	kill(): Promise<void>;
}

export interface PrivateServerOptions {
	/** Further options of the server, e.g. `--log-bin`. */
	readonly args?: readonly string[];
	/** Whether the data may lie in memory. Default false: on the disk, as in real use. */
	readonly inMemory?: boolean;
}

const START_TIMEOUT_MS = 120_000;
/** Light enough for three servers on a small machine; all else is the server's own default. */
const LIGHT = ['--innodb-buffer-pool-size=128M', '--innodb-flush-log-at-trx-commit=2'];
const BY_VENDOR = {
	mariadb: [],
	// LinkAhead's functions need it where the binary log is on, as it is by default.
	mysql: ['--mysqlx=OFF', '--secure-file-priv=NULL', '--log-bin-trust-function-creators=1'],
} as const;

const running = new Set<ChildProcess>();
// A test run that dies must not leave servers behind.
process.once('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});

async function waitUntilReady(
	server: TestServer,
	child: ChildProcess,
	logFile: string,
): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	for (;;) {
		if ((await server.client(['-e', 'SELECT 1'])).code === 0) return;
		if (child.exitCode === null && Date.now() < deadline) {
			await sleep(150);
			continue;
		}
		const log = (await readFile(logFile, 'utf8')).split('\n').slice(-15).join('\n');
		throw new Error(`${SERVER_KINDS[server.id].title} did not start:\n${log}`);
	}
}

function addressOf(
	id: ServerId,
	software: ServerSoftware,
	at: { readonly port: number; readonly socketPath: string; readonly pid: number },
): ServerAddress {
	// MariaDB's client checks certificates unless it is told not to; tests give servers strange ones.
	const trusting = SERVER_KINDS[id].vendor === 'mariadb' ? ['--skip-ssl-verify-server-cert'] : [];
	const connect = ['--no-defaults', '--user=root', `--socket=${at.socketPath}`, ...trusting];
	return {
		id,
		version: software.version,
		source: software.source,
		host: '127.0.0.1',
		...at,
		user: 'root',
		password: '',
		clientCommand: [...software.client, ...connect, '--default-character-set=utf8mb4'],
		dumpCommand: [...software.dump, ...connect],
	};
}

function serverArguments(
	id: ServerId,
	software: ServerSoftware,
	folder: string,
	port: number,
): string[] {
	return [
		'--no-defaults',
		`--user=${userInfo().username}`,
		`--datadir=${join(folder, 'data')}`,
		...software.baseOptions,
		`--socket=${join(folder, 's.sock')}`,
		// A server that starts deletes temporary files of others in a folder that they share.
		`--tmpdir=${folder}`,
		`--pid-file=${join(folder, 'pid')}`,
		// A MariaDB that starts deletes every temporary table in its tmpdir, also those of another server.
		`--tmpdir=${folder}`,
		`--port=${port}`,
		'--bind-address=127.0.0.1',
		...LIGHT,
		...BY_VENDOR[SERVER_KINDS[id].vendor],
	];
}

/** Starts a server of a kind; its programs are fetched the first time. */
export async function startPrivateServer(
	id: ServerId,
	options: PrivateServerOptions = {},
): Promise<PrivateServer> {
	const software = await serverSoftware(id);
	// Short, because the path of a socket may have at most 107 bytes.
	const parent = options.inMemory === true ? memoryFolder() : tmpdir();
	const folder = await mkdtemp(join(parent, `caosdb-${id}-`));
	await newDataFolder(id, software, join(folder, 'data'));
	const port = await freePort();
	const logFile = join(folder, 'log');
	const [program = '', ...args] = [
		...software.server,
		...serverArguments(id, software, folder, port),
	];
	const log = openSync(logFile, 'a');
	const child = spawn(program, [...args, ...(options.args ?? [])], { stdio: ['ignore', log, log] });
	running.add(child);
	const exited = once(child, 'exit').finally(() => running.delete(child));
	const end = async (signal: NodeJS.Signals): Promise<void> => {
		if (child.exitCode === null && child.signalCode === null) child.kill(signal);
		await exited;
	};
	const at = { port, socketPath: join(folder, 's.sock'), pid: child.pid ?? 0 };
	const server = new TestServer(addressOf(id, software, at));
	const stop = async (): Promise<void> => {
		await end('SIGTERM');
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await waitUntilReady(server, child, logFile);
	} catch (error) {
		await end('SIGKILL');
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
	return { server, stop, kill: async () => await end('SIGKILL') };
}
