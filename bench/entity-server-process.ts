import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A double of the CaosDB server in a process of its own. */
export class EntityServer {
	readonly url: string;
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, url: string) {
		this.#child = child;
		this.url = url;
	}

	/** `file` in this folder is what runs; it gets `args`. */
	static async start(file: string, args: readonly string[]): Promise<EntityServer> {
		const options = { execArgv: ['--max-old-space-size=8000'] };
		const child = fork(join(import.meta.dirname, file), [...args], options);
		const ended = once(child, 'exit').then(() => {
			throw new Error('The double of the server ended');
		});
		ended.catch(() => undefined);
		const [{ url }] = (await Promise.race([once(child, 'message'), ended])) as [{ url: string }];
		return new EntityServer(child, url);
	}

	/** Milliseconds that it was not waiting for anything, since its start. */
	async busyMs(): Promise<number> {
		const answered = once(this.#child, 'message');
		this.#child.send('busy');
		const [{ busyMs }] = (await answered) as [{ busyMs: number }];
		return busyMs;
	}

	async stop(): Promise<void> {
		const ended = once(this.#child, 'exit');
		this.#child.disconnect();
		await ended;
	}
}
