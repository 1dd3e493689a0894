/*
 * Runs one SQL backup as n8n does, in a worker thread, and prints what it cost as JSON. A process of its
 * own, so that processor time and memory are those of the backup.
 *
 * node bench/backup-child.ts '<input of the job sqlBackup>'
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join } from 'node:path';

import type { Ports } from '../lib/core/index.ts';
import { runInWorker } from '../lib/worker/index.ts';
import { residentBytes } from './n8n-watch.ts';

/** What a backup cost. */
export interface BackupCost {
	readonly wallMs: number;
	/** Of all threads, the start of Node.js included. */
	readonly cpuMs: number;
	readonly idleBytes: number;
	readonly peakBytes: number;
	/** 99th percentile of the delay of the main thread's event loop. */
	readonly loopDelayP99Ms: number;
}

const SAMPLE_MS = 20;
const SETTLE_MS = 300;

async function unused(): Promise<never> {
	throw new Error('A backup to a file uses no port');
}

const PORTS: Ports = {
	http: { request: unused },
	paths: { blocked: unused },
	binary: { read: unused, write: unused },
};

async function main(): Promise<void> {
	const input: unknown = JSON.parse(process.argv[2] ?? '{}');
	await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
	const idleBytes = await residentBytes(process.pid);
	let peakBytes = 0;
	const sample = async (): Promise<void> => {
		peakBytes = Math.max(peakBytes, await residentBytes(process.pid));
	};
	const timer = setInterval(() => void sample(), SAMPLE_MS);
	const delay = monitorEventLoopDelay({ resolution: 5 });
	delay.enable();
	const start = performance.now();
	const file = join(import.meta.dirname, '../dist/worker.js');
	const signal = new AbortController().signal;
	await runInWorker(file, { name: 'sqlBackup', input }, { signal, ports: PORTS });
	const wallMs = performance.now() - start;
	delay.disable();
	clearInterval(timer);
	const { user, system } = process.cpuUsage();
	const cost: BackupCost = {
		wallMs,
		cpuMs: (user + system) / 1000,
		idleBytes,
		peakBytes,
		loopDelayP99Ms: delay.percentile(99) / 1_000_000,
	};
	console.log(JSON.stringify(cost));
}

if (process.argv[1] === import.meta.filename) await main();
