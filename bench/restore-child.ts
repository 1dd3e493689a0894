/*
 * Runs one SQL restore as n8n does, in a worker thread, and prints what it cost as JSON. A process of its
 * own, so that memory is that of the restore.
 *
 * node bench/restore-child.ts '<input of the job sqlRestore>'
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join } from 'node:path';

import type { Ports, ProgressEvent } from '../lib/core/index.ts';
import { runInWorker } from '../lib/worker/index.ts';
import { residentBytes } from './n8n-watch.ts';

/** What a restore cost. */
export interface RestoreCost {
	readonly wallMs: number;
	/** Until the comparison began. */
	readonly loadedMs: number;
	/** Of this process. */
	readonly cpuMs: number;
	/** The highest above idle. */
	readonly memoryBytes: number;
	/** 99th percentile of the delay of the main thread's event loop. */
	readonly loopDelayP99Ms: number;
}

const SAMPLE_MS = 20;
const SETTLE_MS = 300;

async function unused(): Promise<never> {
	throw new Error('A restore of a file uses no port');
}

const PORTS: Ports = {
	http: { request: unused },
	paths: { blocked: unused },
	binary: { read: unused, write: unused },
};

async function main(): Promise<void> {
	const input: unknown = JSON.parse(process.argv[2] ?? '{}');
	await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
	const idle = await residentBytes(process.pid);
	let peak = idle;
	const sample = async (): Promise<void> => {
		peak = Math.max(peak, await residentBytes(process.pid));
	};
	const timer = setInterval(() => void sample(), SAMPLE_MS);
	const delay = monitorEventLoopDelay({ resolution: 5 });
	delay.enable();
	const start = performance.now();
	const file = join(import.meta.dirname, '../dist/worker.js');
	const signal = new AbortController().signal;
	let loadedMs = NaN;
	const onProgress = ({ phase }: ProgressEvent): void => {
		if (phase === 'verify' && Number.isNaN(loadedMs)) loadedMs = performance.now() - start;
	};
	const job = { name: 'sqlRestore', input } as const;
	await runInWorker(file, job, { signal, ports: PORTS, onProgress });
	const wallMs = performance.now() - start;
	delay.disable();
	clearInterval(timer);
	const { user, system } = process.cpuUsage();
	const cost: RestoreCost = {
		cpuMs: (user + system) / 1000,
		wallMs,
		loadedMs: Number.isNaN(loadedMs) ? wallMs : loadedMs,
		memoryBytes: peak - idle,
		loopDelayP99Ms: delay.percentile(99) / 1_000_000,
	};
	console.log(JSON.stringify(cost));
}

if (process.argv[1] === import.meta.filename) await main();
