import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';

/** How a connection ends: `end` as when a program exits, `reset` as when a machine is gone. */
export type Ending = 'end' | 'reset';

/**
 * A network between a client and a server that fails when it is told to. Counts the server's bytes over
 * all connections; after a cut it is down: later connections end at once.
 */
export class FaultProxy {
	/** From the server, over all connections. */
	receivedBytes = 0;
	connections = 0;
	readonly #server: Server;
	readonly #target: { readonly host: string; readonly port: number };
	readonly #pairs = new Set<readonly [Socket, Socket]>();
	#cutAfter: { readonly bytes: number; readonly ending: Ending } | undefined;
	#onRequest: { readonly text: string; readonly act: () => Promise<void> } | undefined;
	#onBytes: { readonly bytes: number; readonly act: () => Promise<void> } | undefined;
	#down: Ending | undefined;
	#resume: (() => void) | undefined;
	#stalled: Promise<void> | undefined;

	private constructor(server: Server, target: { host: string; port: number }) {
		this.#server = server;
		this.#target = target;
		server.on('connection', (client) => this.#join(client));
	}

	static async open(target: { host: string; port: number }): Promise<FaultProxy> {
		const server = createServer({ allowHalfOpen: false });
		const proxy = new FaultProxy(server, target);
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return proxy;
	}

	get port(): number {
		const address = this.#server.address();
		if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
		return address.port;
	}

	/** Hands on exactly so many of the server's bytes, then cuts everything. */
	cutAfter(bytes: number, ending: Ending): void {
		this.#cutAfter = { bytes, ending };
	}

	/** When a client sends this text for the first time: acts, then hands the text on. */
	beforeRequest(text: string, act: () => Promise<void>): void {
		this.#onRequest = { text, act };
	}

	/** When so many of the server's bytes have passed: acts, and hands nothing on until that is done. */
	afterBytes(bytes: number, act: () => Promise<void>): void {
		this.#onBytes = { bytes, act };
	}

	/** From now on nothing passes, and nobody is told. */
	stall(): void {
		this.#stalled = new Promise((resolve) => (this.#resume = resolve));
	}

	cut(ending: Ending): void {
		this.#down = ending;
		this.#resume?.();
		for (const pair of [...this.#pairs]) this.#part(pair, ending);
	}

	async close(): Promise<void> {
		this.cut('end');
		this.#server.close();
		await once(this.#server, 'close');
	}

	#join(client: Socket): void {
		this.connections += 1;
		if (this.#down !== undefined) {
			client.on('error', () => undefined);
			client.destroy();
			return;
		}
		const pair = [client, connect(this.#target.port, this.#target.host)] as const;
		this.#pairs.add(pair);
		const [, server] = pair;
		for (const socket of pair) socket.on('error', () => this.#part(pair, 'end'));
		void this.#carry(client, server, async (chunk) => await this.#requested(chunk))
			.catch(() => undefined)
			.finally(() => this.#part(pair, 'end'));
		void this.#carry(server, client, async (chunk) => await this.#answered(chunk))
			.catch(() => undefined)
			.finally(() => this.#part(pair, 'end'));
	}

	async #carry(
		from: Socket,
		to: Socket,
		filter: (chunk: Buffer) => Promise<Buffer>,
	): Promise<void> {
		for await (const chunk of from as AsyncIterable<Buffer>) {
			const passed = await filter(chunk);
			await this.#stalled;
			if (passed.length > 0 && !to.write(passed)) await once(to, 'drain');
			if (passed.length < chunk.length) this.cut(this.#cutAfter?.ending ?? 'end');
		}
	}

	async #requested(chunk: Buffer): Promise<Buffer> {
		const wanted = this.#onRequest;
		if (wanted !== undefined && chunk.includes(wanted.text)) {
			this.#onRequest = undefined;
			await wanted.act();
		}
		return chunk;
	}

	async #answered(chunk: Buffer): Promise<Buffer> {
		const wanted = this.#onBytes;
		if (wanted !== undefined && this.receivedBytes + chunk.length >= wanted.bytes) {
			this.#onBytes = undefined;
			await wanted.act();
		}
		const left = (this.#cutAfter?.bytes ?? Infinity) - this.receivedBytes;
		const passed = left < chunk.length ? chunk.subarray(0, Math.max(0, left)) : chunk;
		this.receivedBytes += passed.length;
		return passed;
	}

	#part(pair: readonly [Socket, Socket], ending: Ending): void {
		this.#pairs.delete(pair);
		const [client, server] = pair;
		if (ending === 'reset') client.resetAndDestroy();
		else client.end(() => client.destroy());
		server.destroy();
	}
}
