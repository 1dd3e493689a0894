import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { build } from 'esbuild';

import type { Assignment } from './fault-work.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Processes that run the engine once, started ahead: a test needs hundreds of them. */
export class EngineChildren {
	readonly #folder: string;
	readonly #bundle: string;
	#next: Child | undefined;

	private constructor(folder: string, bundle: string) {
		this.#folder = folder;
		this.#bundle = bundle;
	}

	static async open(): Promise<EngineChildren> {
		const folder = await mkdtemp(join(tmpdir(), 'engine-children-'));
		const bundle = join(folder, 'engine-process.cjs');
		await build({
			...{ bundle: true, platform: 'node', format: 'cjs', outfile: bundle, logLevel: 'error' },
			entryPoints: [join(import.meta.dirname, 'engine-process.ts')],
			define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
			external: ['cpu-features', '*.node'],
		});
		return new EngineChildren(folder, bundle);
	}

	/** A child that waits for its work. */
	async ready(): Promise<Child> {
		const child = this.#next ?? this.#start();
		this.#next = undefined;
		await once(child.stdout, 'data');
		return child;
	}

	/** The next child starts while this one works. */
	assign(child: Child, assignment: Assignment): void {
		this.#next = this.#start();
		child.stdin.end(JSON.stringify(assignment));
	}

	async close(): Promise<void> {
		this.#next?.kill('SIGKILL');
		await rm(this.#folder, { recursive: true, force: true });
	}

	#start(): Child {
		return spawn(process.execPath, [this.#bundle], { stdio: ['pipe', 'pipe', 'inherit'] });
	}
}
