import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port on loopback that nobody listens on right now. */
export async function freePort(): Promise<number> {
	const probe = createServer().listen(0, '127.0.0.1');
	await once(probe, 'listening');
	const address = probe.address();
	probe.close();
	await once(probe, 'close');
	if (address === null || typeof address === 'string') throw new Error('no port is free');
	return address.port;
}

/** The port if nobody listens on it, so that a well-known address can be offered. */
export async function portIfFree(port: number): Promise<number | undefined> {
	const probe = createServer().listen(port, '127.0.0.1');
	const isFree = await once(probe, 'listening').then(
		() => true,
		() => false,
	);
	if (!isFree) return undefined;
	probe.close();
	await once(probe, 'close');
	return port;
}
