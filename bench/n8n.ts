import { setTimeout as sleep } from 'node:timers/promises';

import { buildPackage } from '../demo/build.ts';
import { ACCOUNT, type DemoWorld, openDemoWorld } from '../demo/demo-world.ts';
import { NIGHTLY, shippedWorkflow } from '../demo/workflows.ts';
import {
	importWorkflows,
	startInServer,
	stopInServer,
	waitForExecution,
} from '../test/e2e/workflow-run.ts';
import type { Bar } from './bar.ts';
import type { Bench, BenchOptions } from './benches.ts';
import { type Watched, residentBytes, watchN8n } from './n8n-watch.ts';

const FULL_BYTES = 500_000_000;
const QUICK_BYTES = 60_000_000;
/** Half text that compresses, half that does not. */
const ROW_BYTES = 512;
const MB = 1_000_000;
const SETTLE_MS = 3_000;
const TRIGGER = 'Run Now';

async function growDatabase({ server }: DemoWorld, bytes: number): Promise<void> {
	const rows = Math.ceil(bytes / ROW_BYTES);
	await server.sql(
		`CREATE TABLE bulk (id INT UNSIGNED PRIMARY KEY, value VARBINARY(600) NOT NULL);
		INSERT INTO bulk SELECT seq, CONCAT(SHA2(seq, 512), SHA2(-seq, 512), REPEAT('Messreihe ', 24)) FROM seq_1_to_${rows}`,
		ACCOUNT.database,
	);
}

/** Until the execution has gone from n8n and the server has no session of the account left. */
async function waitUntilQuiet({ server }: DemoWorld): Promise<void> {
	const query = `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '${ACCOUNT.user}'`;
	while ((await server.sql(query)).trim() !== '0') await sleep(10);
}

async function backUp({ n8n }: DemoWorld, id: string): Promise<void> {
	const outcome = await waitForExecution(n8n, await startInServer(n8n, id, TRIGGER));
	if (outcome.status !== 'success')
		throw new Error(outcome.error ?? `The run is ${outcome.status}`);
}

/** From the stop button to no session on the database server. */
async function cancelMs(world: DemoWorld, id: string): Promise<number> {
	const { n8n, server } = world;
	const execution = await startInServer(n8n, id, TRIGGER);
	const reading = `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '${ACCOUNT.user}' AND INFO LIKE '%bulk%'`;
	while ((await server.sql(reading)).trim() === '0') await sleep(10);
	const start = performance.now();
	await stopInServer(n8n, execution);
	await waitUntilQuiet(world);
	return performance.now() - start;
}

function bars(watched: Watched, idleBytes: number, cancel: number): Bar[] {
	const over = (watched.peakBytes - idleBytes) / MB;
	return [
		{ name: 'event-loop-p99', measured: watched.loopDelayP99Ms, limit: 50, unit: 'ms' },
		{ name: 'memory-over-idle', measured: over, limit: 200, unit: 'MB' },
		{ name: 'cancel', measured: cancel, limit: 1000, unit: 'ms' },
	];
}

/** Runs the nightly workflow in a real n8n over a large database, and watches n8n meanwhile. */
export const benchN8n: Bench = async ({ quick, say }: BenchOptions) => {
	await buildPackage();
	const world = await openDemoWorld(say);
	try {
		const bytes = quick ? QUICK_BYTES : FULL_BYTES;
		const workflow = await shippedWorkflow(NIGHTLY, world.fileRoot);
		await importWorkflows(world.n8n, [workflow]);
		// What n8n itself loads for its first run is not the backup's: one on the small database first.
		await backUp(world, workflow.id);
		await sleep(SETTLE_MS);
		say(`Growing the database by ${bytes / MB} MB`);
		await growDatabase(world, bytes);
		const idle = await residentBytes(world.n8n.pid);
		say(`n8n idles at ${Math.round(idle / MB)} MB; backing up to ${world.backupFolder}`);
		const watched = await watchN8n(world.n8n, async () => await backUp(world, workflow.id));
		return bars(watched, idle, await cancelMs(world, workflow.id));
	} finally {
		await world.close();
	}
};
