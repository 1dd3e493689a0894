/*
 * Runs one job or one stream of the entity engine and prints what it cost as JSON: a process of its own, so
 * that processor time and memory are its own.
 *
 * node bench/entity-child.ts '<EntityTask as JSON>'
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';

import type { Ports } from '../lib/core/index.ts';
import { type Entity, EntityDocument, SessionHttp, writeDocument } from '../lib/entity/index.ts';
import { PlainHttp } from '../lib/standalone/index.ts';
import { type JobInput, runInWorker } from '../lib/worker/index.ts';
import { ADMIN } from '../test/emulator/index.ts';
import { residentBytes } from './n8n-watch.ts';

export type EntityTask =
	| { readonly kind: 'export'; readonly url: string; readonly input: JobInput<'xmlExport'> }
	| { readonly kind: 'import'; readonly url: string; readonly input: JobInput<'xmlImport'> }
	/** Reads a document, and writes what it has read; `rounds` times. */
	| { readonly kind: 'xml'; readonly file: string; readonly rounds: number };

export interface EntityCost {
	readonly wallMs: number;
	readonly cpuMs: number;
	readonly idleBytes: number;
	readonly peakBytes: number;
	/** Of the task `xml`, each round. */
	readonly readMs: readonly number[];
	readonly writeMs: readonly number[];
	/** One sentence, of a job. */
	readonly summary: string;
}

const SAMPLE_MS = 20;
const SETTLE_MS = 300;
const { signal } = new AbortController();

async function unused(): Promise<never> {
	throw new Error('This port is not used');
}

function portsFor(url: string): Ports {
	const signIn = { kind: 'password', user: ADMIN.name, password: ADMIN.password } as const;
	return {
		http: new SessionHttp(new PlainHttp({ baseUrl: url }), signIn),
		paths: { blocked: async (paths) => paths.map(() => false) },
		binary: { read: unused, write: unused },
	};
}

async function runJob(name: string, url: string, input: unknown): Promise<string> {
	const file = join(import.meta.dirname, '../dist/worker.js');
	const report = await runInWorker(file, { name, input }, { signal, ports: portsFor(url) });
	return (report as { summary: string }).summary;
}

async function milliseconds(run: () => Promise<unknown>): Promise<number> {
	const start = performance.now();
	await run();
	return performance.now() - start;
}

async function xmlRounds(
	file: string,
	rounds: number,
): Promise<{ read: number[]; write: number[] }> {
	const [read, write]: [number[], number[]] = [[], []];
	for (let round = 0; round < rounds; round++) {
		let entities: Entity[] = [];
		const document = new EntityDocument(createReadStream(file), { source: file, signal });
		read.push(await milliseconds(async () => (entities = await document.all())));
		let bytes = 0;
		const writing = async (): Promise<void> => {
			for await (const chunk of writeDocument(entities, { root: 'Entities', signal })) {
				bytes += chunk.length;
			}
		};
		write.push(await milliseconds(writing));
		if (bytes === 0) throw new Error('Nothing was written');
	}
	return { read, write };
}

async function main(): Promise<void> {
	const task = JSON.parse(process.argv[2] ?? '') as EntityTask;
	await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
	const idleBytes = await residentBytes(process.pid);
	let peakBytes = 0;
	const sample = async (): Promise<void> => {
		peakBytes = Math.max(peakBytes, await residentBytes(process.pid));
	};
	const timer = setInterval(() => void sample(), SAMPLE_MS);
	const before = process.cpuUsage();
	let [summary, rounds] = ['', { read: [] as number[], write: [] as number[] }];
	const wallMs = await milliseconds(async () => {
		if (task.kind === 'xml') rounds = await xmlRounds(task.file, task.rounds);
		else if (task.kind === 'export') summary = await runJob('xmlExport', task.url, task.input);
		else summary = await runJob('xmlImport', task.url, task.input);
	});
	clearInterval(timer);
	const { user, system } = process.cpuUsage(before);
	const cost: EntityCost = {
		...{ wallMs, cpuMs: (user + system) / 1000, idleBytes, peakBytes, summary },
		...{ readMs: rounds.read, writeMs: rounds.write },
	};
	console.log(JSON.stringify(cost));
}

if (process.argv[1] === import.meta.filename) await main();
