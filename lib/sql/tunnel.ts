import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';

import { EngineError, throwIfAborted, waitOrAbort } from '../core/index.ts';
import { DEFAULT_PORT, type SqlEndpoint } from './endpoint.ts';
import { DEFAULT_SSH_PORT, type SshTunnel, describeTunnel } from './ssh-endpoint.ts';
import { fingerprintOf, keyType, proofsFor, trustedKeys } from './ssh-host-key.ts';
import { TunnelStream } from './tunnel-stream.ts';

/** A silent SSH server is asked so often whether it is still there, and given up after so many. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE_COUNT = 2;

/**
 * Logs in to the SSH server, checks its key, and connects from there to the database server (or its Unix
 * socket). Rejects with `ssh_unreachable`, `ssh_host_key_untrusted` (with the fingerprint that was found),
 * `ssh_access_denied`, `sql_unreachable` (from the SSH server), `invalid_option`, `cancelled`.
 */
export async function openTunnel(
	endpoint: SqlEndpoint,
	tunnel: SshTunnel,
	signal: AbortSignal,
): Promise<TunnelStream> {
	throwIfAborted(signal);
	const client = new Client();
	// Whatever comes after the first outcome has an owner in TunnelStream, or none any more.
	client.on('error', () => undefined);
	try {
		await waitOrAbort(logIn(client, endpoint, tunnel), signal);
		// A statement and its answer are small: each would wait for the other side's acknowledgement.
		client.setNoDelay(true);
		const channel = await waitOrAbort(forward(client, endpoint, tunnel), signal);
		return new TunnelStream(client, channel);
	} catch (error) {
		client.destroy();
		throw error;
	}
}

async function logIn(client: Client, endpoint: SqlEndpoint, tunnel: SshTunnel): Promise<void> {
	const trusted = trustedKeys(tunnel.hostKey);
	const { login } = tunnel;
	let untrusted: EngineError | undefined;
	const config: ConnectConfig = {
		host: tunnel.host,
		port: tunnel.port ?? DEFAULT_SSH_PORT,
		username: tunnel.user,
		readyTimeout: endpoint.connectTimeoutMs,
		keepaliveInterval: KEEP_ALIVE_MS,
		keepaliveCountMax: KEEP_ALIVE_COUNT,
		hostVerifier: (key: Buffer) => {
			if (trusted.fingerprints.has(fingerprintOf(key))) return true;
			untrusted = hostKeyUntrusted(tunnel, key, trusted.fingerprints.size > 0);
			return false;
		},
		algorithms: { serverHostKey: [...proofsFor(trusted.types)] as ServerHostKeyAlgorithm[] },
		...(login.by === 'password'
			? { password: login.password, tryKeyboard: true }
			: {
					privateKey: login.privateKey,
					...(login.passphrase === undefined ? {} : { passphrase: login.passphrase }),
				}),
	};
	if (login.by === 'password') {
		client.on('keyboard-interactive', (_name, _instructions, _lang, prompts, finish) =>
			finish(prompts.map(() => login.password)),
		);
	}
	await new Promise<void>((resolve, reject) => {
		client.once('ready', () => resolve());
		client.once('error', (error) => reject(untrusted ?? loginFailed(error, tunnel)));
		client.once('close', () => reject(untrusted ?? unreachable(tunnel)));
		try {
			client.connect(config);
		} catch {
			reject(keyUnreadable(tunnel));
		}
	});
}

async function forward(
	client: Client,
	{ host = 'localhost', port = DEFAULT_PORT, socketPath }: SqlEndpoint,
	tunnel: SshTunnel,
): Promise<ClientChannel> {
	const target = socketPath ?? `${host}:${port}`;
	return await new Promise<ClientChannel>((resolve, reject) => {
		const done = (error: Error | undefined, channel: ClientChannel) => {
			if (error === undefined) resolve(channel);
			else reject(targetUnreachable(tunnel, target));
		};
		client.once('close', () => reject(unreachable(tunnel)));
		if (socketPath === undefined) client.forwardOut('127.0.0.1', 0, host, port, done);
		else client.openssh_forwardOutStreamLocal(socketPath, done);
	});
}

function hostKeyUntrusted(tunnel: SshTunnel, key: Buffer, isKnown: boolean): EngineError {
	const found = fingerprintOf(key);
	const type = keyType(key) ?? 'unknown';
	const server = `The SSH server ${describeTunnel(tunnel)}`;
	const details = { server: describeTunnel(tunnel), fingerprint: found, keyType: type };
	if (isKnown) {
		return new EngineError(
			'ssh_host_key_untrusted',
			`${server} shows another key (${type}, ${found}) than the credential trusts`,
			{
				remedy:
					"Somebody may be in between. Ask the server's administrator; only if the key was changed on purpose, put the new fingerprint into 'SSH Host Key' of the credential.",
				details,
			},
		);
	}
	return new EngineError(
		'ssh_host_key_untrusted',
		`${server} is not known yet: its key (${type}) has the fingerprint ${found}`,
		{
			remedy:
				"Compare it on that server (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then paste it into 'SSH Host Key' of the credential.",
			details,
		},
	);
}

function loginFailed(error: Error & { level?: string }, tunnel: SshTunnel): EngineError {
	const server = describeTunnel(tunnel);
	if (error.level === 'client-authentication') {
		return new EngineError(
			'ssh_access_denied',
			`The SSH server ${server} refused the login of ${tunnel.user}`,
			{
				remedy:
					'Check the SSH user and the password or private key of the credential, and that the server allows this way of login.',
				details: { server },
			},
		);
	}
	return unreachable(tunnel, error);
}

function unreachable(tunnel: SshTunnel, cause?: Error): EngineError {
	const server = describeTunnel(tunnel);
	return new EngineError('ssh_unreachable', `The SSH server ${server} does not answer`, {
		remedy:
			'Check SSH host and port of the credential as the machine (or container) that runs n8n sees them, and that this is an SSH server.',
		details: { server },
		cause,
	});
}

function targetUnreachable(tunnel: SshTunnel, target: string): EngineError {
	return new EngineError(
		'sql_unreachable',
		`The SSH server ${describeTunnel(tunnel)} cannot connect to the database server at ${target}`,
		{
			remedy:
				'Check host, port or socket of the database as the SSH server sees them, that the database runs, and that the SSH server allows forwarding (AllowTcpForwarding, PermitOpen).',
			details: { server: describeTunnel(tunnel), target },
		},
	);
}

function keyUnreadable(tunnel: SshTunnel): EngineError {
	return new EngineError('invalid_option', 'The SSH private key cannot be read', {
		remedy:
			"Paste the whole key with its first and last line, and give the right passphrase in 'Passphrase' if it has one.",
		details: { option: 'privateKey', server: describeTunnel(tunnel) },
	});
}
