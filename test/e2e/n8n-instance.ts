import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { mustRun } from '../servers/index.ts';
import { freePort } from '../servers/free-port.ts';
import { installPackage, packPackage } from './community-install.ts';
import { n8nFolder } from './n8n-install.ts';

export const OWNER = {
	email: 'demo@example.org',
	firstName: 'Demo',
	lastName: 'Owner',
	password: 'CaosDB-demo-1',
} as const;

export interface N8nOptions {
	/** Kept when the instance stops; made if missing. Without it a temporary one is used. */
	readonly userFolder?: string;
	/** Folders that nodes may use; the user folder's `.n8n-files` unless given. */
	readonly allowedFolders?: readonly string[];
	readonly port?: number;
	/** Further environment variables. */
	readonly env?: Readonly<Record<string, string>>;
}

/** A real n8n with the packed package installed. */
export interface N8nInstance {
	readonly url: string;
	readonly pid: number;
	readonly userFolder: string;
	/** The value of the session cookie of the logged-in owner. */
	readonly cookie: string;
	/** Calls the editor's API as the owner; the answer's `data`. */
	call(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<unknown>;
	/** Adds n8n's own CLI, e.g. `import:workflow`, against the same database. */
	cli(...args: readonly string[]): Promise<string>;
	log(): Promise<string>;
	stop(): Promise<void>;
}

const START_TIMEOUT_MS = 240_000;
const running = new Set<ChildProcess>();
process.once('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});

function environment(
	userFolder: string,
	port: number,
	brokerPort: number,
	options: N8nOptions,
): NodeJS.ProcessEnv {
	const allowed = options.allowedFolders ?? [join(userFolder, '.n8n-files')];
	return {
		...process.env,
		// A test runner says 'test', and n8n then does half of what it should, in silence.
		NODE_ENV: 'production',
		HOME: userFolder,
		PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
		N8N_USER_FOLDER: userFolder,
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_RESTRICT_FILE_ACCESS_TO: allowed.join(';'),
		N8N_METRICS: 'true',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		// Its page would come before the workflows.
		N8N_DISABLED_MODULES: 'instance-ai',
		...options.env,
	};
}

async function waitUntilReady(url: string, child: ChildProcess, logFile: string): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	for (;;) {
		const ready = await fetch(`${url}/healthz/readiness`).then(
			({ ok }) => ok,
			() => false,
		);
		if (ready) return;
		if (child.exitCode !== null || Date.now() > deadline) {
			const log = await readFile(logFile, 'utf8');
			throw new Error(`n8n did not start:\n${log.split('\n').slice(-25).join('\n')}`);
		}
		await sleep(300);
	}
}

async function request(
	url: string,
	init: { method: string; body?: unknown; cookie?: string },
): Promise<{ data: unknown; cookie: string | undefined }> {
	const response = await fetch(url, {
		method: init.method,
		headers: {
			'content-type': 'application/json',
			'browser-id': 'n8n-nodes-caosdb',
			...(init.cookie === undefined ? {} : { cookie: init.cookie }),
		},
		...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
	});
	const text = await response.text();
	if (!response.ok)
		throw new Error(`${init.method} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
	const cookie = response.headers.getSetCookie().find((line) => line.startsWith('n8n-auth='));
	const answer = JSON.parse(text) as { data?: unknown };
	return { data: answer.data ?? answer, cookie: cookie?.split(';')[0] };
}

/** Makes the owner's account the first time, logs in the next times. */
async function logIn(url: string): Promise<string> {
	const { email, password } = OWNER;
	const setup = await request(`${url}/rest/owner/setup`, { method: 'POST', body: OWNER }).catch(
		async () =>
			await request(`${url}/rest/login`, {
				method: 'POST',
				body: { emailOrLdapLoginId: email, password },
			}),
	);
	if (setup.cookie === undefined) throw new Error('n8n gave no session cookie');
	return setup.cookie;
}

async function prepareFolder(options: N8nOptions): Promise<string> {
	const folder = options.userFolder ?? (await mkdtemp(join(tmpdir(), 'n8n-caosdb-e2e-')));
	await mkdir(folder, { recursive: true });
	const { file } = await packPackage(folder);
	await rm(join(folder, '.n8n/nodes/node_modules/n8n-nodes-caosdb'), {
		recursive: true,
		force: true,
	});
	await installPackage(file, folder);
	await rm(file);
	return folder;
}

/** Installs n8n and the packed package (dist must be built), starts n8n and logs in as its owner. */
export async function startN8n(options: N8nOptions = {}): Promise<N8nInstance> {
	const program = join(await n8nFolder(), 'node_modules/n8n/bin/n8n');
	const userFolder = await prepareFolder(options);
	const port = options.port ?? (await freePort());
	const url = `http://127.0.0.1:${port}`;
	const logFile = join(userFolder, 'n8n.log');
	const log = openSync(logFile, 'a');
	const env = environment(userFolder, port, await freePort(), options);
	const child = spawn(process.execPath, [program, 'start'], {
		env,
		cwd: userFolder,
		stdio: ['ignore', log, log],
	});
	running.add(child);
	const exited = once(child, 'exit').finally(() => running.delete(child));
	const stop = async (): Promise<void> => {
		if (child.exitCode === null) child.kill('SIGTERM');
		const late = setTimeout(() => child.kill('SIGKILL'), 40_000);
		await exited;
		clearTimeout(late);
		if (options.userFolder === undefined) await rm(userFolder, { recursive: true, force: true });
	};
	try {
		await waitUntilReady(url, child, logFile);
		const cookie = await logIn(url);
		return {
			...{ url, cookie, userFolder, stop, pid: child.pid ?? 0 },
			call: async (method, path, body) =>
				(await request(`${url}/rest${path}`, { method, body, cookie })).data,
			cli: async (...args) => {
				const cliEnv = environment(userFolder, port, await freePort(), options);
				return (
					await mustRun([process.execPath, program, ...args], { env: cliEnv, cwd: userFolder })
				).toString();
			},
			log: async () => await readFile(logFile, 'utf8'),
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
