import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildPackage } from '../demo/build.ts';
import { type Compression, resolveCompression } from '../lib/artifact/index.ts';
import {
	type TestServer,
	bundledProgram,
	debianFolder,
	mustRun,
	startPrivateServer,
} from '../test/servers/index.ts';
import type { BackupCost } from './backup-child.ts';
import { type Bar, median } from './bar.ts';
import type { Bench, BenchOptions } from './benches.ts';
import { FULL_COPIES, createScaledLinkAhead } from './scaled-linkahead.ts';
import { shellCommand, timedCommand } from './timed-command.ts';

const QUICK_COPIES = 250;
const FULL_RUNS = 3;
const QUICK_RUNS = 1;
const LARGE_TABLE_ROWS = 8_000_000;
const MB = 1_000_000;
const DATABASE = 'big';
/** The lowest one, whose size is within the limit beside mydumper's: each level above only costs time. */
const GZIP_LEVEL = 1;

interface Measured {
	readonly wallMs: number;
	readonly cpuMs: number;
	readonly bytes: number;
	readonly cost?: BackupCost;
}

type Contender = () => Promise<Measured>;

class Arena {
	readonly server: TestServer;
	readonly folder: string;
	readonly mydumper: readonly string[];
	readonly zstd: readonly string[];

	constructor(server: TestServer, folder: string, tools: string) {
		this.server = server;
		this.folder = folder;
		this.mydumper = bundledProgram(tools, 'usr/bin/mydumper');
		this.zstd = bundledProgram(tools, 'usr/bin/zstd');
	}

	/** Our backup to a file: SHA-256, content checksum and fsync are always on. */
	ours(compression: Compression, verify = false, database = DATABASE): Contender {
		return async () => {
			const { host, port, user, password } = this.server.address;
			const folder = { path: this.folder, displayPath: this.folder };
			const input = {
				endpoint: { host, port, user, password, connectTimeoutMs: 10_000 },
				database,
				destination: { kind: 'file', folder, fileName: 'ours', overwrite: true },
				compression,
				verify,
			};
			const child = join(import.meta.dirname, 'backup-child.ts');
			const said = await mustRun([process.execPath, child, JSON.stringify(input)]);
			const cost: BackupCost = JSON.parse(said.toString());
			const { size } = await stat(join(this.folder, 'ours'));
			return { wallMs: cost.wallMs, cpuMs: cost.cpuMs, bytes: size, cost };
		};
	}

	/** `mariadb-dump` with everything that ours holds, through a compressor. */
	mariadbDump(through: string): Contender {
		return async () => {
			const options = [
				'--single-transaction',
				'--routines',
				'--triggers',
				'--events',
				'--hex-blob',
			];
			const dump = shellCommand([...this.server.address.dumpCommand, ...options, DATABASE]);
			const file = join(this.folder, 'theirs');
			const cost = await timedCommand(`${dump} ${through} > ${shellCommand([file])}`);
			return { ...cost, bytes: (await stat(file)).size };
		};
	}

	mydumperGzip(): Contender {
		return async () => {
			const out = join(this.folder, 'mydumper');
			await rm(out, { recursive: true, force: true });
			const { socketPath = '', user } = this.server.address;
			const connect = ['--socket', socketPath, '--user', user, '--database', DATABASE];
			const all = ['--triggers', '--events', '--routines', '--threads', '2', '--compress'];
			const command = shellCommand([...this.mydumper, ...connect, ...all, '--outputdir', out]);
			const cost = await timedCommand(command);
			const sizes = await Promise.all(
				(await readdir(out)).map(async (name) => (await stat(join(out, name))).size),
			);
			return { ...cost, bytes: sizes.reduce((sum, size) => sum + size, 0) };
		};
	}

	zstdLikePeople(): string {
		return `| ${shellCommand([...this.zstd, '-3', '-T0', '-q', '-c'])}`;
	}
}

function line(name: string, runs: readonly Measured[]): string {
	const [wall, cpu] = [median(runs.map((run) => run.wallMs)), median(runs.map((run) => run.cpuMs))];
	const size = Math.round((runs[0]?.bytes ?? 0) / MB);
	return `${name}: ${(wall / 1000).toFixed(1)} s wall, ${(cpu / 1000).toFixed(1)} s CPU, ${size} MB`;
}

/** Runs all contenders in turn, several times, so that what else the machine does meets all of them. */
async function compete(
	contenders: Readonly<Record<string, Contender>>,
	runs: number,
	say: (text: string) => void,
): Promise<Map<string, readonly Measured[]>> {
	const results = new Map<string, Measured[]>(Object.keys(contenders).map((name) => [name, []]));
	for (let run = 0; run < runs; run += 1) {
		for (const [name, contender] of Object.entries(contenders)) {
			results.get(name)?.push(await contender());
		}
	}
	for (const [name, measured] of results) say(line(name, measured));
	return results;
}

const OURS_ZSTD = 'ours, zstd 1';
const OURS_GZIP = `ours, gzip ${GZIP_LEVEL}`;
const OURS_PLAIN = 'ours, not compressed';
const OURS_VERIFIED = 'ours, zstd 1, read back';
const DUMP_ZSTD = 'mariadb-dump | zstd -3 -T0';
const DUMP_PLAIN = 'mariadb-dump';
const MYDUMPER = 'mydumper -t 2 -c';

function bars(results: ReadonlyMap<string, readonly Measured[]>): Bar[] {
	const of = (name: string, what: (run: Measured) => number) =>
		median((results.get(name) ?? []).map(what));
	const ratio = (a: string, b: string, what: (run: Measured) => number) =>
		of(a, what) / of(b, what);
	const wall = (run: Measured) => run.wallMs;
	const size = (run: Measured) => run.bytes;
	const peak = (run: Measured) =>
		((run.cost?.peakBytes ?? NaN) - (run.cost?.idleBytes ?? NaN)) / MB;
	const dump = `× ${DUMP_ZSTD}`;
	return [
		{ name: 'wall-zstd', measured: ratio(OURS_ZSTD, DUMP_ZSTD, wall), limit: 0.9, unit: dump },
		{ name: 'size-zstd', measured: ratio(OURS_ZSTD, DUMP_ZSTD, size), limit: 1.1, unit: dump },
		{
			name: 'wall-zstd-read-back',
			measured: ratio(OURS_VERIFIED, DUMP_ZSTD, wall),
			limit: 1.2,
			unit: dump,
		},
		{
			name: 'wall-gzip',
			measured: ratio(OURS_GZIP, MYDUMPER, wall),
			limit: 0.9,
			unit: `× ${MYDUMPER}`,
		},
		{
			name: 'size-gzip',
			measured: ratio(OURS_GZIP, MYDUMPER, size),
			limit: 1.15,
			unit: `× ${MYDUMPER}`,
		},
		{
			name: 'cpu-plain',
			measured: ratio(OURS_PLAIN, DUMP_PLAIN, (run) => run.cpuMs),
			limit: 0.75,
			unit: `× ${DUMP_PLAIN}`,
		},
		{ name: 'memory', measured: of(OURS_ZSTD, peak), limit: 200, unit: 'MB over idle' },
		{
			name: 'event-loop-p99',
			measured: of(OURS_ZSTD, (run) => run.cost?.loopDelayP99Ms ?? NaN),
			limit: 50,
			unit: 'ms, main thread',
		},
	];
}

/** One table of 4 GB without a key, that nothing can part. */
async function largeTable(arena: Arena, say: (text: string) => void): Promise<Bar> {
	await arena.server.sql(
		`CREATE DATABASE large; USE large;
		CREATE TABLE bulk (value VARBINARY(600) NOT NULL);
		INSERT INTO bulk SELECT CONCAT(SHA2(seq, 512), SHA2(-seq, 512), REPEAT('Messreihe ', 24)) FROM seq_1_to_${LARGE_TABLE_ROWS};`,
	);
	const run = await arena.ours(resolveCompression('zstd'), false, 'large')();
	say(line('ours, zstd 1, a table of 4 GB', [run]));
	const { peakBytes = NaN, idleBytes = NaN } = run.cost ?? {};
	const measured = (peakBytes - idleBytes) / MB;
	return { name: 'memory-4-gb', measured, limit: 200, unit: 'MB over idle' };
}

/** SQL Backup beside the standard tools, on LinkAhead's own backup made large. */
export const benchSqlBackup: Bench = async ({ quick, say }: BenchOptions) => {
	await buildPackage();
	const tools = await debianFolder({
		...{ name: 'debian-bookworm-dump-tools', suite: 'bookworm', packages: ['mydumper', 'zstd'] },
	});
	const folder = await mkdtemp(join(tmpdir(), 'caosdb-bench-'));
	const { server, stop } = await startPrivateServer('mariadb11');
	try {
		say(`MariaDB ${server.address.version}, its own mariadb-dump, mydumper and zstd of Debian 12`);
		await createScaledLinkAhead(server, DATABASE, 'caosdb', quick ? QUICK_COPIES : FULL_COPIES);
		const arena = new Arena(server, folder, tools);
		const contenders = {
			[OURS_ZSTD]: arena.ours(resolveCompression('zstd')),
			[DUMP_ZSTD]: arena.mariadbDump(arena.zstdLikePeople()),
			[OURS_VERIFIED]: arena.ours(resolveCompression('zstd'), true),
			[OURS_GZIP]: arena.ours(resolveCompression('gzip', GZIP_LEVEL)),
			[MYDUMPER]: arena.mydumperGzip(),
			[OURS_PLAIN]: arena.ours(resolveCompression('none')),
			[DUMP_PLAIN]: arena.mariadbDump(''),
		};
		const results = await compete(contenders, quick ? QUICK_RUNS : FULL_RUNS, say);
		return quick ? bars(results) : [...bars(results), await largeTable(arena, say)];
	} finally {
		await stop();
		await rm(folder, { recursive: true, force: true });
	}
};
