import { readFile } from 'node:fs/promises';

import type { N8nInstance } from '../test/e2e/n8n-instance.ts';

/** What n8n's main process went through while it was watched. */
export interface Watched {
	/** 99th percentile of the event loop's delay since the watch began. */
	readonly loopDelayP99Ms: number;
	/** Largest resident memory. */
	readonly peakBytes: number;
}

const SAMPLE_MS = 50;
const KIB = 1024;

/** Resident memory of a process. */
export async function residentBytes(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? NaN) * KIB;
}

/** n8n's own metric; reading it starts it anew. */
async function loopDelayP99Ms({ url }: N8nInstance): Promise<number> {
	const text = await (await fetch(`${url}/metrics`)).text();
	const [, seconds] = /^n8n_nodejs_eventloop_lag_p99_seconds ([\d.e+-]+)/m.exec(text) ?? [];
	return Number(seconds ?? NaN) * 1000;
}

/** Watches n8n while `work` runs. */
export async function watchN8n(n8n: N8nInstance, work: () => Promise<void>): Promise<Watched> {
	let peakBytes = 0;
	const sample = async (): Promise<void> => {
		peakBytes = Math.max(peakBytes, await residentBytes(n8n.pid));
	};
	await loopDelayP99Ms(n8n);
	const timer = setInterval(() => void sample(), SAMPLE_MS);
	try {
		await work();
	} finally {
		clearInterval(timer);
	}
	await sample();
	return { loopDelayP99Ms: await loopDelayP99Ms(n8n), peakBytes };
}
