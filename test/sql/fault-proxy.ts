import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** Where a statement's way is cut, and what happens then. */
export interface Fault {
	/** Which statement, counted from 1 over all connections. */
	readonly statement?: number;
	/** Or which of those that change something on the server. */
	readonly change?: number;
	/** Or the first one that holds this text. */
	readonly text?: string;
	/** `before`: the server never gets it. `after`: it has run it, but nobody hears the answer. */
	readonly when: 'before' | 'after';
	/**
	 * `cut`: that connection only; the next one works. `dead`: nothing gets through any more. `late`: it goes on
	 * after `strike`, only before.
	 */
	readonly effect: 'cut' | 'dead' | 'late';
	readonly strike?: () => unknown;
}

const COMMAND_QUERY = 0x03;
const HEADER_BYTES = 4;
const HEAD_CHARACTERS = 200;

/** Statements that leave nothing behind when their session ends; comments of versions hold SETs here. */
const PASSING = /^(SELECT|SHOW|SET|USE|DO|START|LOCK|UNLOCK|FLUSH|KILL|ROLLBACK|\/\*)/;

/** Finds the statements in what a client sends: packets of a new exchange have number 0. */
class StatementSpotter {
	#rest = Buffer.alloc(0);
	#skip = 0;

	/** How the statements begin that begin in this chunk. */
	find(chunk: Buffer): readonly string[] {
		const found: string[] = [];
		let data = Buffer.concat([this.#rest, chunk]);
		for (;;) {
			const skipped = Math.min(this.#skip, data.length);
			this.#skip -= skipped;
			data = data.subarray(skipped);
			if (data.length <= HEADER_BYTES) break;
			const bytes = data.readUIntLE(0, 3);
			if (data[3] === 0 && data[HEADER_BYTES] === COMMAND_QUERY) {
				const end = HEADER_BYTES + Math.min(bytes, HEAD_CHARACTERS);
				const head = data.toString('latin1', HEADER_BYTES + 1, end);
				// Some servers get the number of parameters first.
				found.push(head.replace('\0\u0001', ''));
			}
			this.#skip = HEADER_BYTES + bytes;
		}
		this.#rest = Buffer.from(data);
		return found;
	}
}

/** Stands between the engine and a server, counts statements, and cuts at a chosen one. */
export class FaultProxy {
	/** How the statements since the last reset began. */
	readonly statements: string[] = [];
	/** Whether the fault has struck since the last reset. */
	struck = false;
	#fault: Fault | undefined;
	readonly #server: Server;
	readonly #target: { readonly host: string; readonly port: number };
	readonly #pairs = new Set<readonly [Socket, Socket]>();
	#dead = false;

	private constructor(target: { readonly host: string; readonly port: number }) {
		this.#target = target;
		this.#server = createServer((client) => this.#join(client));
	}

	static async open(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
		const proxy = new FaultProxy(target);
		proxy.#server.listen(0, '127.0.0.1');
		await once(proxy.#server, 'listening');
		return proxy;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** From here on everything works again, and counting begins anew. */
	reset(fault?: Fault): void {
		this.statements.length = 0;
		this.struck = false;
		this.#dead = false;
		this.#fault = fault;
	}

	async close(): Promise<void> {
		this.#endAll();
		this.#server.close();
		await once(this.#server, 'close');
	}

	#join(client: Socket): void {
		if (this.#dead) return void client.destroy();
		const server = connect(this.#target.port, this.#target.host);
		const pair = [client, server] as const;
		this.#pairs.add(pair);
		const spotter = new StatementSpotter();
		let strikeOnAnswer = false;
		const end = (): void => {
			this.#pairs.delete(pair);
			client.destroy();
			server.destroy();
		};
		client.on('data', (chunk) => {
			const before = this.statements.length;
			this.statements.push(...spotter.find(chunk));
			const fault = this.#fault;
			if (fault !== undefined && !this.struck && this.#reached(fault, before)) {
				this.struck = true;
				if (fault.effect === 'late') {
					void Promise.resolve(fault.strike?.()).then(() => server.write(chunk), end);
					return;
				}
				if (fault.when === 'before') return this.#strike(fault, end);
				strikeOnAnswer = true;
			}
			server.write(chunk);
		});
		server.on('data', (chunk) => {
			if (strikeOnAnswer && this.#fault !== undefined) this.#strike(this.#fault, end);
			else client.write(chunk);
		});
		for (const socket of pair) socket.on('error', end).on('close', end);
	}

	/** How many of the statements since the last reset have changed something. */
	get changes(): number {
		return this.statements.filter((head) => !PASSING.test(head)).length;
	}

	#reached({ statement, change, text }: Fault, before: number): boolean {
		if (statement !== undefined) return this.statements.length >= statement;
		if (change !== undefined) return this.changes >= change;
		return this.statements.slice(before).some((head) => head.includes(text ?? ''));
	}

	#strike(fault: Fault, end: () => void): void {
		this.#dead = fault.effect === 'dead';
		fault.strike?.();
		end();
		if (this.#dead) this.#endAll();
	}

	#endAll(): void {
		for (const [client, server] of this.#pairs) {
			client.destroy();
			server.destroy();
		}
		this.#pairs.clear();
	}
}
