import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { pipeline } from 'node:stream/promises';

import { type Connection, Server, utils } from 'ssh2';

/** An SSH server whose only way of login is keyboard-interactive, as those with one-time codes have it. */
export interface AskingSshServer {
	readonly port: number;
	/** `SHA256:…` of its key. */
	readonly fingerprint: string;
	stop(): Promise<void>;
}

function logIn(client: Connection, account: { user: string; password: string }): void {
	client.on('authentication', (attempt) => {
		if (attempt.method !== 'keyboard-interactive' || attempt.username !== account.user) {
			attempt.reject(['keyboard-interactive']);
			return;
		}
		attempt.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
			if (answers[0] === account.password) attempt.accept();
			else attempt.reject(['keyboard-interactive']);
		});
	});
}

function forwardPorts(client: Connection): void {
	client.on('tcpip', (accept, refuse, { destIP, destPort }) => {
		const target = connect(destPort, destIP);
		target.once('error', () => refuse());
		target.once('connect', () => {
			const channel = accept();
			target.removeAllListeners('error');
			void pipeline(channel, target, channel).catch(() => undefined);
		});
	});
}

export async function startAskingSshServer(account: {
	readonly user: string;
	readonly password: string;
}): Promise<AskingSshServer> {
	const hostKey = utils.generateKeyPairSync('ed25519');
	const clients = new Set<Connection>();
	const server = new Server({ hostKeys: [hostKey.private] }, (client) => {
		clients.add(client);
		client.on('error', () => undefined);
		client.once('close', () => clients.delete(client));
		logIn(client, account);
		forwardPorts(client);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const [, key = ''] = hostKey.public.split(' ');
	const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
	return {
		port: (server.address() as AddressInfo).port,
		fingerprint: `SHA256:${digest.replace(/=+$/, '')}`,
		stop: async () => {
			for (const client of clients) client.end();
			server.close();
			await once(server, 'close');
		},
	};
}
