import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { Ports } from '../lib/core/index.ts';
import { type JobInput, type JobName, runInWorker } from '../lib/worker/index.ts';
import { debianTool } from '../test/servers/debian-tool.ts';
import { mustRun } from '../test/servers/run-command.ts';
import { type Bar, median } from './bar.ts';
import type { Bench, BenchOptions } from './benches.ts';
import { makeLargeFiles, makeSmallFiles, makeSparseFile } from './tree-data.ts';

const MB = 1_000_000;
const SAMPLE_MS = 20;
const CANCEL_AFTER_MS = 200;

const unused = async (): Promise<never> => await Promise.reject(new Error('not used'));
const PORTS: Ports = {
	http: { request: unused },
	paths: { blocked: async (paths) => paths.map(() => false) },
	binary: { read: unused, write: unused },
};

interface Tree {
	readonly name: string;
	readonly root: string;
	readonly archiveLimit: number;
	readonly extractLimit: number;
}

/** As n8n runs it: from the sources, its start alone would take half a second. */
const WORKER = join(import.meta.dirname, '../dist/worker.js');

/** What our jobs did to the process they ran in. */
const seen = { peakBytes: 0, loopDelayP99Ms: 0 };

async function job<Name extends JobName>(name: Name, input: JobInput<Name>): Promise<void> {
	const idle = process.memoryUsage.rss();
	const delay = monitorEventLoopDelay({ resolution: 5 });
	delay.enable();
	const sampling = setInterval(() => {
		seen.peakBytes = Math.max(seen.peakBytes, process.memoryUsage.rss() - idle);
	}, SAMPLE_MS);
	try {
		const { signal } = new AbortController();
		await runInWorker(WORKER, { name, input }, { signal, ports: PORTS });
	} finally {
		clearInterval(sampling);
		delay.disable();
		seen.loopDelayP99Ms = Math.max(seen.loopDelayP99Ms, delay.percentile(99) / 1e6);
	}
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
	const start = performance.now();
	await run();
	return (performance.now() - start) / 1000;
}

function folder(path: string): { path: string; displayPath: string } {
	return { path, displayPath: path };
}

function archiveInput(root: string, work: string, verify: boolean): JobInput<'fileRootArchive'> {
	return {
		root: folder(root),
		destination: { kind: 'file', folder: folder(work), fileName: 'ours.tar.zst', overwrite: true },
		compression: { kind: 'zstd', level: 1 },
		verify,
	};
}

async function shell(command: string): Promise<void> {
	await mustRun(['sh', '-c', command]);
}

/** Runs ours and the peer by turns, and says the middle of each. */
async function compare(
	what: string,
	rounds: number,
	sides: {
		readonly ours: () => Promise<unknown>;
		readonly peer: () => Promise<unknown>;
		readonly afterPeer?: () => Promise<unknown>;
	},
	say: BenchOptions['say'],
): Promise<number> {
	const [ours, peer]: [number[], number[]] = [[], []];
	for (let round = 0; round < rounds; round++) {
		peer.push(await seconds(sides.peer));
		await sides.afterPeer?.();
		ours.push(await seconds(sides.ours));
	}
	say(`${what}: ${median(ours).toFixed(2)} s, peer ${median(peer).toFixed(2)} s`);
	return median(ours) / median(peer);
}

async function benchTree(
	tree: Tree,
	work: string,
	zstd: string,
	{ quick, say }: BenchOptions,
): Promise<Bar[]> {
	const rounds = quick ? 1 : 3;
	const { name, root } = tree;
	const peerFile = join(work, 'peer.tar.zst');
	const pack = `tar -C '${root}' -cf - . | ${zstd} -q -f -3 -T0 -o '${peerFile}'`;
	const peer = async (): Promise<void> => await shell(pack);
	const archive = await compare(
		`${name}, archive`,
		rounds,
		{ peer, ours: async () => await job('fileRootArchive', archiveInput(root, work, false)) },
		say,
	);
	const readBack = await seconds(
		async () => await job('fileRootArchive', archiveInput(root, work, true)),
	);
	const sizes = ['ours.tar.zst', 'peer.tar.zst'].map(
		(file) => statSync(join(work, file)).size / MB,
	);
	say(
		`${name}, archive with read-back: ${readBack.toFixed(2)} s; MB: ${sizes.map((size) => size.toFixed(1)).join(', peer ')}`,
	);
	// A new one each time, all removed at the end: whoever created files right after a removal was seen to
	// take several times as long.
	const targets: string[] = [];
	const fresh = (): string => {
		const target = join(work, `target ${targets.length}`);
		mkdirSync(target);
		targets.push(target);
		return target;
	};
	const source = {
		source: { kind: 'file' as const, folder: folder(work), fileName: 'ours.tar.zst' },
	};
	// What GNU tar leaves undone: its files are on the disk half a minute later.
	const flushes: number[] = [];
	const extract = await compare(
		`${name}, extract`,
		rounds,
		{
			peer: async () => {
				await shell(`${zstd} -dc '${peerFile}' | tar -xpf - -C '${fresh()}'`);
			},
			afterPeer: async () => void flushes.push(await seconds(async () => await shell('sync'))),
			ours: async () => await job('fileRootRestore', { ...source, target: folder(fresh()) }),
		},
		say,
	);
	const unflushed = await seconds(
		async () =>
			await job('fileRootRestore', { ...source, target: folder(fresh()), durable: false }),
	);
	say(`${name}, extract without a flush to the disk: ${unflushed.toFixed(2)} s`);
	say(`${name}, sync after the peer: ${median(flushes).toFixed(2)} s`);
	for (const target of targets) rmSync(target, { recursive: true });
	return [
		{
			name: `archive-${name}`,
			measured: archive,
			limit: tree.archiveLimit,
			unit: '× tar | zstd -3 -T0',
		},
		{
			name: `extract-${name}`,
			measured: extract,
			limit: tree.extractLimit,
			unit: '× zstd -dc | tar -x',
		},
	];
}

/** An incremental run in which nothing changed, against GNU tar's own. */
async function benchIncrement(
	root: string,
	work: string,
	{ quick, say }: BenchOptions,
): Promise<Bar> {
	const backups = join(work, 'backups');
	mkdirSync(backups);
	const ours = async (): Promise<void> =>
		await job('fileRootArchive', {
			...archiveInput(root, work, false),
			destination: {
				...{ kind: 'newSet', backups: folder(backups), instance: 'bench' },
				expected: ['fileRoot'],
			},
			incremental: { incrementsMax: 100 },
		});
	const state = join(work, 'state');
	const peerFile = join(work, 'peer.tar');
	const pack = `tar -C '${root}' --listed-incremental='${state}.now' -cf '${peerFile}' .`;
	await ours();
	await shell(pack.replace('.now', ''));
	const peer = async (): Promise<void> => await shell(`cp '${state}' '${state}.now' && ${pack}`);
	const measured = await compare('nothing changed', quick ? 1 : 3, { ours, peer }, say);
	return { name: 'increment-small', measured, limit: 1, unit: '× tar --listed-incremental' };
}

/** From the stop to the end of the job. */
async function cancelMs(root: string, work: string): Promise<number> {
	const cancel = new AbortController();
	let stopped = 0;
	setTimeout(() => {
		stopped = performance.now();
		cancel.abort();
	}, CANCEL_AFTER_MS);
	const options = { signal: cancel.signal, ports: PORTS };
	const task = { name: 'fileRootArchive', input: archiveInput(root, work, false) };
	const ended = await runInWorker(WORKER, task, options).then(
		() => false,
		() => true,
	);
	if (!ended || stopped === 0) throw new Error('The job ended before it could be cancelled');
	return performance.now() - stopped;
}

/** The file root engine against GNU tar and zstd. */
export const benchFileRoot: Bench = async (options) => {
	const { quick } = options;
	const work = mkdtempSync(join(tmpdir(), 'n8n-caosdb-bench-'));
	try {
		const zstd = (await debianTool({ program: 'zstd', package: 'zstd' })).join(' ');
		const at = (name: string): string => join(work, name);
		makeSmallFiles(at('small'), quick ? 10_000 : 100_000);
		makeLargeFiles(at('large'), 4, (quick ? 40 : 250) * MB);
		makeSparseFile(at('sparse'), (quick ? 0.25 : 2) * 1024 ** 3);
		const limits = { archiveLimit: 1, extractLimit: 1 };
		const trees = [
			{ name: 'small', root: at('small'), ...limits, extractLimit: 1.2 },
			{ name: 'large', root: at('large'), ...limits },
			{ name: 'sparse', root: at('sparse'), ...limits },
		];
		const bars: Bar[] = [];
		for (const tree of trees) bars.push(...(await benchTree(tree, work, zstd, options)));
		const increment = await benchIncrement(at('small'), work, options);
		const cancel = await cancelMs(at('large'), work);
		return [
			...bars,
			increment,
			{ name: 'memory', measured: seen.peakBytes / MB, limit: 200, unit: 'MB over idle' },
			{ name: 'event-loop-p99', measured: seen.loopDelayP99Ms, limit: 50, unit: 'ms' },
			{ name: 'cancel', measured: cancel, limit: 1000, unit: 'ms' },
		];
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
};
