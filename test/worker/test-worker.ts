import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { EngineError, type JobContext } from '../../lib/core/index.ts';
import { serveJobs } from '../../lib/worker/serve-jobs.ts';

/** Jobs that do what a job may do to its thread, for the tests of the runtime. */
serveJobs({
	echo: async (input: unknown) => input,
	fail: async () => {
		throw new EngineError('sql_database_missing', "There is no database 'x'", {
			remedy: 'Make it.',
			details: { database: 'x', tries: 2 },
			cause: new Error('outer', { cause: new Error('inner') }),
		});
	},
	defect: async () => {
		throw new TypeError('x is not a function');
	},
	crash: async () => {
		setTimeout(() => {
			throw new Error('thrown where nobody waits');
		}, 10);
		await sleep(60_000);
	},
	exit: async () => {
		process.exit(7);
	},
	fill: async () => {
		const kept: unknown[] = [];
		for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
	},
	progress: async (_input: unknown, { progress }: JobContext) => {
		for (let done = 0; done <= 10_000; done++)
			progress.report({ phase: 'dump', done, unit: 'rows' });
		progress.report({ phase: 'finish', done: 1, unit: 'rows' });
	},
	untilCancelled: async (_input: unknown, { signal, progress }: JobContext) => {
		progress.report({ phase: 'prepare', done: 0, unit: 'rows' });
		while (!signal.aborted) await sleep(5);
		throw new Error('stopped');
	},
	deaf: async (_input: unknown, { progress }: JobContext) => {
		progress.report({ phase: 'prepare', done: 0, unit: 'rows' });
		await sleep(60_000);
	},
	ports: async (_input: unknown, { ports }: JobContext) => {
		const blocked = await ports.paths.blocked(['/a', '/b']);
		const response = await ports.http.request({
			method: 'POST',
			path: 'Entity',
			body: Readable.from(['<Request/>'], { objectMode: false }),
		});
		const body: Uint8Array[] = [];
		for await (const chunk of response.body) body.push(chunk as Uint8Array);
		return { blocked, status: response.status, body: Buffer.concat(body).toString() };
	},
	copy: async ({ id, delayMs }: { id: string; delayMs: number }, { ports }: JobContext) => {
		const source = await ports.binary.read(id);
		async function* slowly(): AsyncGenerator<Uint8Array> {
			for await (const chunk of source) {
				if (delayMs > 0) await sleep(delayMs);
				yield chunk as Uint8Array;
			}
		}
		const content = Readable.from(slowly(), { objectMode: false });
		return await ports.binary.write(content, { fileName: 'copy', mimeType: 'x/y' });
	},
	readSome: async ({ id }: { id: string }, { ports }: JobContext) => {
		for await (const chunk of await ports.binary.read(id)) return (chunk as Uint8Array).length;
		return 0;
	},
	writeBroken: async (_input: unknown, { ports }: JobContext) => {
		async function* broken(): AsyncGenerator<Uint8Array> {
			yield Buffer.alloc(700_000);
			throw new EngineError('sql_connection_lost', 'The server went away');
		}
		const content = Readable.from(broken(), { objectMode: false });
		return await ports.binary.write(content, { fileName: 'half', mimeType: 'x/y' });
	},
});
