import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import {
	EngineError,
	type Ports,
	type ProgressEvent,
	givesChunksAway,
} from '../../lib/core/index.ts';
import { type RunOptions, runInWorker } from '../../lib/worker/index.ts';

const WORKER = join(import.meta.dirname, 'test-worker.ts');

/** Ports of a small made-up world; tests replace what they are about. */
function ports(over: Partial<Ports> = {}): Ports {
	return {
		http: {
			request: async ({ body }) => {
				const sent: Uint8Array[] = [];
				for await (const chunk of body ?? []) sent.push(chunk as Uint8Array);
				const answer = `got ${Buffer.concat(sent).toString()}`;
				return { status: 201, headers: {}, body: Readable.from([answer], { objectMode: false }) };
			},
		},
		paths: { blocked: async (paths) => paths.map((path) => path === '/b') },
		binary: {
			read: async () => {
				throw new EngineError('binary_missing', 'There is no such file');
			},
			write: async () => ({ id: 'x', bytes: 0 }),
		},
		...over,
	};
}

async function run(
	name: string,
	input?: unknown,
	options: Partial<RunOptions> = {},
): Promise<unknown> {
	const signal = new AbortController().signal;
	return await runInWorker(WORKER, { name, input }, { signal, ports: ports(), ...options });
}

describe('a job in a worker', () => {
	it('takes and gives plain data', async () => {
		const data = { text: 'Ω', list: [1, { bytes: new Uint8Array([1, 2]) }], nothing: null };
		expect(await run('echo', data)).toEqual(data);
	});

	it('hands over code, message, remedy, details and causes of an error', async () => {
		const error = await run('fail').catch((caught: unknown) => caught);
		expect(error).toBeInstanceOf(EngineError);
		expect(error).toMatchObject({
			code: 'sql_database_missing',
			message: "There is no database 'x'",
			remedy: 'Make it.',
			details: { database: 'x', tries: 2 },
			cause: { message: 'Error: outer ← Error: inner' },
		});
	});

	it('calls everything else a defect', async () => {
		await expect(run('defect')).rejects.toMatchObject({ code: 'internal' });
		await expect(run('no such job')).rejects.toMatchObject({ code: 'internal' });
	});

	it('reports a crash, an early exit and a lack of memory, and goes on living', async () => {
		await expect(run('crash')).rejects.toMatchObject({ code: 'worker_crashed' });
		await expect(run('exit')).rejects.toMatchObject({
			code: 'worker_crashed',
			details: { exitCode: 7 },
		});
		await expect(run('fill', undefined, { memoryMb: 32 })).rejects.toMatchObject({
			code: 'worker_out_of_memory',
		});
		expect(await run('echo', 1)).toBe(1);
	});

	it('thins progress out but tells every phase', async () => {
		const events: ProgressEvent[] = [];
		await run('progress', undefined, { onProgress: (event) => events.push(event) });
		expect(events.length).toBeLessThan(100);
		expect(events[0]).toEqual({ phase: 'dump', done: 0, unit: 'rows' });
		expect(events.at(-1)).toEqual({ phase: 'finish', done: 1, unit: 'rows' });
	});

	it('cancels a job, whatever that then throws', async () => {
		const cancel = new AbortController();
		const onProgress = (): void => cancel.abort(new Error('stop button'));
		const running = run('untilCancelled', undefined, { signal: cancel.signal, onProgress });
		await expect(running).rejects.toMatchObject({ code: 'cancelled' });
		await expect(run('echo', 1, { signal: cancel.signal })).rejects.toMatchObject({
			code: 'cancelled',
		});
	});

	it('ends the thread of a job that does not listen', async () => {
		const cancel = new AbortController();
		const options = { signal: cancel.signal, onProgress: () => cancel.abort(), graceMs: 100 };
		await expect(run('deaf', undefined, options)).rejects.toMatchObject({ code: 'cancelled' });
	});
});

describe('ports of a worker', () => {
	it('answer with data and streams', async () => {
		expect(await run('ports')).toEqual({
			blocked: [false, true],
			status: 201,
			body: 'got <Request/>',
		});
	});

	it('carry bytes both ways without change and without filling memory', async () => {
		const sent = createHash('sha256');
		const taken = createHash('sha256');
		let made = 0;
		let received = 0;
		let widest = 0;
		const total = 24 * 1024 * 1024;
		async function* source(): AsyncGenerator<Uint8Array> {
			for (let size = 1; made < total; size = (size * 7 + 13) % 900_001) {
				const chunk = Buffer.alloc(size, made % 251);
				sent.update(chunk);
				made += size;
				widest = Math.max(widest, made - received);
				yield chunk;
			}
		}
		const write: Ports['binary']['write'] = async (content) => {
			for await (const chunk of content as AsyncIterable<Uint8Array>) {
				taken.update(chunk);
				received += chunk.length;
			}
			return { id: 'copy', bytes: received };
		};
		const read: Ports['binary']['read'] = async () =>
			Readable.from(source(), { objectMode: false });
		const stored = await run(
			'copy',
			{ id: 'in', delayMs: 0 },
			{ ports: ports({ binary: { read, write } }) },
		);
		expect(stored).toEqual({ id: 'copy', bytes: made });
		expect(taken.digest('hex')).toBe(sent.digest('hex'));
		expect(widest).toBeLessThan(8 * 1024 * 1024);
	});

	it('take the memory only of what a source gives away, and only of whole chunks', async () => {
		const block = Buffer.alloc(1000, 'b');
		const chunks = [Buffer.alloc(50_000, 'a'), block.subarray(10, 20), Buffer.alloc(600_000, 'c')];
		const expected = Buffer.concat(chunks).toString();
		const sources: Array<() => Readable> = [
			() => Readable.from(chunks, { objectMode: true }),
			() => givesChunksAway(Readable.from(chunks, { objectMode: true })),
		];
		const left: number[][] = [];
		for (const source of sources) {
			const received: Uint8Array[] = [];
			const binary: Ports['binary'] = {
				read: async () => source(),
				write: async (content) => {
					for await (const chunk of content) received.push(chunk as Uint8Array);
					return { id: 'copy', bytes: 0 };
				},
			};
			await run('copy', { id: 'in', delayMs: 0 }, { ports: ports({ binary }) });
			expect(Buffer.concat(received).toString()).toBe(expected);
			left.push(chunks.map(({ length }) => length));
		}
		expect(left).toEqual([
			[50_000, 10, 600_000],
			[0, 10, 600_000],
		]);
	});

	it('hold a fast source back for a slow reader', async () => {
		let made = 0;
		async function* source(): AsyncGenerator<Uint8Array> {
			for (; made < 1000; made++) yield Buffer.alloc(256 * 1024);
		}
		const cancel = new AbortController();
		const binary: Ports['binary'] = {
			read: async () => Readable.from(source(), { objectMode: false, highWaterMark: 1 }),
			write: async (content) => {
				for await (const chunk of content) void chunk;
				return { id: 'copy', bytes: 0 };
			},
		};
		const running = run(
			'copy',
			{ id: 'in', delayMs: 20 },
			{ ports: ports({ binary }), signal: cancel.signal, graceMs: 0 },
		);
		running.catch(() => undefined);
		await sleep(500);
		cancel.abort();
		await expect(running).rejects.toMatchObject({ code: 'cancelled' });
		expect(made).toBeGreaterThan(0);
		expect(made).toBeLessThan(100);
	});

	it('let a source go that is not read to its end', async () => {
		let closed = false;
		async function* source(): AsyncGenerator<Uint8Array> {
			try {
				for (;;) yield Buffer.alloc(1000);
			} finally {
				closed = true;
			}
		}
		const read: Ports['binary']['read'] = async () =>
			Readable.from(source(), { objectMode: false });
		const { binary } = ports();
		expect(
			await run('readSome', { id: 'in' }, { ports: ports({ binary: { ...binary, read } }) }),
		).toBeGreaterThan(0);
		await expect.poll(() => closed).toBe(true);
	});

	it('pass errors of a port and of a stream on with their codes', async () => {
		await expect(run('copy', { id: 'in', delayMs: 0 })).rejects.toMatchObject({
			code: 'binary_missing',
		});
		const write: Ports['binary']['write'] = async (content) => {
			for await (const chunk of content) void chunk;
			return { id: 'half', bytes: 0 };
		};
		const { binary } = ports();
		const broken = run('writeBroken', undefined, {
			ports: ports({ binary: { ...binary, write } }),
		});
		await expect(broken).rejects.toMatchObject({ code: 'sql_connection_lost' });
	});
});
