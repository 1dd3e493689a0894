import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildPackage } from '../demo/build.ts';
import { resolveCompression } from '../lib/artifact/index.ts';
import {
	type ServerId,
	type TestServer,
	bundledProgram,
	debianFolder,
	mustRun,
	startPrivateServer,
} from '../test/servers/index.ts';
import { type Bar, median } from './bar.ts';
import type { Bench, BenchOptions } from './benches.ts';
import type { RestoreCost } from './restore-child.ts';
import { FULL_COPIES, createScaledLinkAhead } from './scaled-linkahead.ts';
import { shellCommand, timedCommand } from './timed-command.ts';

const QUICK_COPIES = 100;
const FULL_RUNS = 1;
const QUICK_RUNS = 1;
const MB = 1_000_000;
const [SOURCE, OURS, THEIRS] = ['big', 'restored', 'restored_by_client'];
const PLAIN_FILE = 'plain.sql.zst';

interface Measured {
	readonly wallMs: number;
	/** Of ours: until the rows and keys are there, before anything is compared. */
	readonly loadedMs: number;
	readonly cost?: RestoreCost;
}

type Contender = () => Promise<Measured>;

/** One server with a large database, a backup set of ours, and a dump of the standard tool. */
class Arena {
	readonly server: TestServer;
	readonly #folder: string;
	readonly #tools: string;

	constructor(server: TestServer, folder: string, tools: string) {
		this.server = server;
		this.#folder = folder;
		this.#tools = tools;
	}

	async prepare(copies: number): Promise<void> {
		await createScaledLinkAhead(this.server, SOURCE, 'original', copies);
		const place = { path: this.#folder, displayPath: this.#folder };
		const destination = {
			...{ kind: 'newSet', backups: place, instance: 'bench', expected: ['sql'] },
		};
		const compression = resolveCompression('zstd');
		const input = { endpoint: this.#endpoint(), database: SOURCE, destination, compression };
		await runChild('backup', { ...input, verify: false });
		const gtid = this.server.vendor === 'mysql' ? ['--set-gtid-purged=OFF'] : [];
		const dump = [...this.server.address.dumpCommand, ...gtid, '--routines', SOURCE];
		const packed = `${this.#program('zstd')} -3 -T0 -q -c > ${shellCommand([join(this.#folder, PLAIN_FILE)])}`;
		await timedCommand(`${shellCommand(dump)} | ${packed}`);
	}

	/** Our set, compared by checksums. */
	ours(): Contender {
		return async () => {
			const [name = ''] = await readdir(join(this.#folder, 'bench'));
			const path = join(this.#folder, 'bench', name);
			return await this.#restore({ kind: 'set', set: { path, displayPath: name } });
		};
	}

	/** A dump of the standard tool, read as one stream; its rows are counted. */
	foreign(): Contender {
		const folder = { path: this.#folder, displayPath: this.#folder };
		return async () => await this.#restore({ kind: 'file', folder, fileName: PLAIN_FILE });
	}

	client(): Contender {
		return async () => {
			await this.server.sql(
				`CREATE DATABASE ${THEIRS} CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci`,
			);
			const unpack = `${this.#program('zstd')} -dc ${shellCommand([join(this.#folder, PLAIN_FILE)])}`;
			const client = shellCommand([...this.server.address.clientCommand, THEIRS]);
			return await this.#timed(`${unpack} | ${client}`);
		};
	}

	async prepareMyloader(): Promise<void> {
		const out = join(this.#folder, 'mydumper');
		await mkdir(out);
		const what = ['--database', SOURCE, '--triggers', '--events', '--routines', '--threads', '2'];
		const program = this.#program('mydumper');
		await timedCommand(
			`${program} ${shellCommand([...this.#socket(), ...what, '--compress', '--outputdir', out])}`,
		);
	}

	myloader(): Contender {
		return async () => {
			const from = ['--directory', join(this.#folder, 'mydumper'), '--threads', '2'];
			const into = ['--source-db', SOURCE, '--database', THEIRS];
			await this.server.sql(
				`CREATE DATABASE ${THEIRS} CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci`,
			);
			const options = shellCommand([...this.#socket(), ...from, ...into]);
			return await this.#timed(`${this.#program('myloader')} ${options}`);
		};
	}

	async #timed(pipeline: string): Promise<Measured> {
		const { wallMs } = await timedCommand(pipeline);
		await this.server.dropDatabase(THEIRS);
		return { wallMs, loadedMs: wallMs };
	}

	async #restore(source: unknown): Promise<Measured> {
		const input = { endpoint: this.#endpoint(), database: OURS, source };
		const cost = await runChild('restore', input);
		await this.server.dropDatabase(OURS);
		return { wallMs: cost.wallMs, loadedMs: cost.loadedMs, cost };
	}

	#program(name: string): string {
		return shellCommand(bundledProgram(this.#tools, `usr/bin/${name}`));
	}

	#socket(): readonly string[] {
		const { socketPath = '', user } = this.server.address;
		return ['--socket', socketPath, '--user', user];
	}

	#endpoint(): object {
		const { host, port, user, password } = this.server.address;
		return { host, port, user, password, connectTimeoutMs: 10_000 };
	}
}

async function runChild(what: 'backup' | 'restore', input: unknown): Promise<RestoreCost> {
	const child = join(import.meta.dirname, `${what}-child.ts`);
	const said = await mustRun([process.execPath, child, JSON.stringify(input)]);
	return JSON.parse(said.toString()) as RestoreCost;
}

/** All in turn, several times, so that what else the machine does meets all of them. */
async function compete(
	contenders: Readonly<Record<string, Contender>>,
	{ quick, say }: BenchOptions,
): Promise<(name: string, what: (run: Measured) => number) => number> {
	const results = new Map<string, Measured[]>(Object.keys(contenders).map((name) => [name, []]));
	for (let run = 0; run < (quick ? QUICK_RUNS : FULL_RUNS); run += 1) {
		for (const [name, contender] of Object.entries(contenders)) {
			results.get(name)?.push(await contender());
		}
	}
	for (const [name, runs] of results) {
		say(`${name}: ${runs.map(({ wallMs }) => (wallMs / 1000).toFixed(1)).join(', ')} s`);
	}
	return (name, what) => median((results.get(name) ?? []).map(what));
}

const wall = ({ wallMs }: Measured): number => wallMs;
const loaded = ({ loadedMs }: Measured): number => loadedMs;

async function onMariaDb(arena: Arena, options: BenchOptions): Promise<Bar[]> {
	await arena.prepareMyloader();
	const of = await compete(
		{
			...{ ours: arena.ours(), foreign: arena.foreign() },
			...{ client: arena.client(), myloader: arena.myloader() },
		},
		options,
	);
	const [client, unit] = [of('client', wall), '× zstd -dc | mariadb'];
	return [
		{ name: 'mariadb', measured: of('ours', wall) / client, limit: 0.45, unit },
		{ name: 'mariadb-not-compared', measured: of('ours', loaded) / client, limit: 0.45, unit },
		{ name: 'mariadb-foreign', measured: of('foreign', wall) / client, limit: 0.5, unit },
		{
			...{ name: 'mariadb-myloader', limit: 0.65, unit: '× myloader -t 2' },
			measured: of('ours', wall) / of('myloader', wall),
		},
		{
			...{ name: 'memory', limit: 200, unit: 'MB over idle' },
			measured: of('ours', ({ cost }) => cost?.memoryBytes ?? NaN) / MB,
		},
		{
			...{ name: 'event-loop-p99', limit: 50, unit: 'ms, main thread' },
			measured: of('ours', ({ cost }) => cost?.loopDelayP99Ms ?? NaN),
		},
	];
}

async function onMySql(arena: Arena, options: BenchOptions): Promise<Bar[]> {
	const withLocalData =
		(allowed: number): Contender =>
		async () => {
			await arena.server.sql(`SET GLOBAL local_infile = ${allowed}`);
			return await arena.ours()();
		};
	const of = await compete(
		{
			...{ allowed: withLocalData(1), refused: withLocalData(0) },
			...{ foreign: arena.foreign(), client: arena.client() },
		},
		options,
	);
	const [client, unit] = [of('client', wall), '× zstd -dc | mysql'];
	return [
		{ name: 'mysql', measured: of('allowed', wall) / client, limit: 0.55, unit },
		{ name: 'mysql-not-compared', measured: of('allowed', loaded) / client, limit: 0.55, unit },
		{ name: 'mysql-no-local-data', measured: of('refused', wall) / client, limit: 0.6, unit },
		{ name: 'mysql-foreign', measured: of('foreign', wall) / client, limit: 0.5, unit },
	];
}

const SERVERS: ReadonlyArray<
	readonly [ServerId, (arena: Arena, options: BenchOptions) => Promise<Bar[]>]
> = [
	['mariadb11', onMariaDb],
	['mysql9', onMySql],
];

/** SQL Restore, from a backup set and from a foreign dump, beside the standard clients and myloader. */
export const benchSqlRestore: Bench = async (options) => {
	await buildPackage();
	const tools = await debianFolder({
		...{ name: 'debian-bookworm-dump-tools', suite: 'bookworm', packages: ['mydumper', 'zstd'] },
	});
	const bars: Bar[] = [];
	for (const [id, measure] of SERVERS) {
		const folder = await mkdtemp(join(tmpdir(), 'bench-restore-'));
		const { server, stop } = await startPrivateServer(id);
		try {
			options.say(`${id} ${server.address.version}`);
			const arena = new Arena(server, folder, tools);
			await arena.prepare(options.quick ? QUICK_COPIES : FULL_COPIES);
			bars.push(...(await measure(arena, options)));
		} finally {
			await stop();
			await rm(folder, { recursive: true, force: true });
		}
	}
	return bars;
};
