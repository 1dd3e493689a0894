import { Duplex } from 'node:stream';

import type { Client, ClientChannel } from 'ssh2';

/**
 * A connection through an SSH server, as a stream that behaves like a socket: it ends with an error when
 * the SSH connection is lost in any way, and destroying it closes everything at once. (A channel of ssh2
 * by itself waits for the other side to agree, for ever when the network is gone.)
 */
export class TunnelStream extends Duplex {
	readonly #client: Client;
	readonly #channel: ClientChannel;
	#ended = false;

	constructor(client: Client, channel: ClientChannel) {
		// A database server that has nothing more to say has ended the session.
		super({ allowHalfOpen: false });
		this.#client = client;
		this.#channel = channel;
		channel.on('data', (chunk: Buffer) => {
			if (!this.push(chunk)) channel.pause();
		});
		channel.on('end', () => {
			this.#ended = true;
			this.push(null);
		});
		channel.on('error', (error: Error) => this.destroy(error));
		channel.on('close', () => this.#gone());
		client.on('error', (error) => this.destroy(error));
		client.on('close', () => this.#gone());
	}

	override _read(): void {
		this.#channel.resume();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
		this.#channel.write(chunk, done);
	}

	override _final(done: (error?: Error | null) => void): void {
		this.#channel.end();
		done();
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		this.#client.destroy();
		done(error);
	}

	#gone(): void {
		// What came before the end may still wait to be read.
		if (this.#ended || this.destroyed) return;
		this.destroy(Object.assign(new Error('the tunnel was closed'), { code: 'ECONNRESET' }));
	}
}
