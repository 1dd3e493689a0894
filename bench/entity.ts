import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { JobInput } from '../lib/worker/index.ts';
import { ADMIN } from '../test/emulator/index.ts';
import { pythonClient } from '../test/emulator/python-client.ts';
import { mustRun, runCommand } from '../test/servers/index.ts';
import { type Bar, median } from './bar.ts';
import type { Bench, BenchOptions } from './benches.ts';
import type { EntityCost, EntityTask } from './entity-child.ts';
import { type BenchData, benchData, chainDocument } from './entity-data.ts';
import { EntityServer } from './entity-server-process.ts';
import { shellCommand, timedCommand } from './timed-command.ts';

const MB = 1_000_000;
const SECOND_MS = 1000;
/** The official tools take minutes. */
const DEADLINE_MS = 1_800_000;
const XML_ROUNDS = 3;
const OUR_ROUNDS = 3;
const PYTHON = join(import.meta.dirname, 'python');

/** Wall time of a tool, the time in it in which the server was busy, and the tool's own processor time. */
interface ToolTime {
	readonly wallMs: number;
	readonly busyMs: number;
	readonly cpuMs: number;
}

/** The time with the server's taken off. */
function ownMs({ wallMs, busyMs }: ToolTime): number {
	return wallMs - busyMs;
}

function folder(path: string): { path: string; displayPath: string } {
	return { path, displayPath: path };
}

function seconds(ms: number): string {
	return `${(ms / SECOND_MS).toFixed(2)} s`;
}

async function child(task: EntityTask): Promise<EntityCost> {
	const file = join(import.meta.dirname, 'entity-child.ts');
	const command = [process.execPath, file, JSON.stringify(task)];
	const { code, stdout, stderr } = await runCommand(command, { deadline: DEADLINE_MS });
	if (code !== 0) throw new Error(`The ${task.kind} ended with ${code}:\n${stderr}`);
	return JSON.parse(stdout.toString()) as EntityCost;
}

/** The official client's Python in `cwd`, which finds the address of a server there. */
async function python(args: readonly string[], cwd: string, url: string): Promise<string[]> {
	const login = { url, username: ADMIN.name, password: ADMIN.password, password_method: 'plain' };
	const lines = Object.entries(login).map(([key, value]) => `${key} = ${value}`);
	await writeFile(join(cwd, '.pylinkahead.ini'), `[Connection]\n${lines.join('\n')}\n`);
	const settings = [`HOME=${cwd}`, 'PYTHONWARNINGS=ignore', 'LC_ALL=C.UTF-8'];
	return ['env', '-C', cwd, ...settings, await pythonClient(), ...args];
}

class EntityBench {
	readonly #work: string;
	readonly #options: BenchOptions;
	readonly #data: BenchData;
	readonly #root: string;

	constructor(work: string, root: string, data: BenchData, options: BenchOptions) {
		this.#work = work;
		this.#root = root;
		this.#data = data;
		this.#options = options;
	}

	async #folder(name: string): Promise<string> {
		const path = join(this.#work, name);
		await mkdir(path, { recursive: true });
		return path;
	}

	async #full(): Promise<EntityServer> {
		const state = join(this.#work, 'state.json');
		await writeFile(state, JSON.stringify(this.#data.state));
		return await EntityServer.start('entity-server.ts', [this.#root, state]);
	}

	async #empty(name: string): Promise<EntityServer> {
		return await EntityServer.start('entity-server.ts', [await this.#folder(name)]);
	}

	/** The middle of several measurements of ours; the official tools take minutes and are measured once. */
	async #middle(measure: (round: number) => Promise<ToolTime>): Promise<ToolTime> {
		const times: ToolTime[] = [];
		for (let round = 0; round < (this.#options.quick ? 1 : OUR_ROUNDS); round++) {
			times.push(await measure(round));
		}
		times.sort((left, right) => ownMs(left) - ownMs(right));
		const middle = times[Math.floor(times.length / 2)];
		if (middle === undefined) throw new Error('Nothing was measured');
		return middle;
	}

	/** Ours: a job in a worker thread, as in n8n. */
	async #ours(server: EntityServer, task: EntityTask): Promise<ToolTime> {
		const before = await server.busyMs();
		const { wallMs, cpuMs, summary } = await child(task);
		this.#options.say(`  ${summary}`);
		return { wallMs, cpuMs, busyMs: (await server.busyMs()) - before };
	}

	/** The official tool, started as a person does. */
	async #theirs(server: EntityServer, args: readonly string[], cwd: string): Promise<ToolTime> {
		const command = shellCommand(await python(args, cwd, server.url));
		const before = await server.busyMs();
		const { wallMs, cpuMs } = await timedCommand(`${command} > /dev/null`);
		return { wallMs, cpuMs, busyMs: (await server.busyMs()) - before };
	}

	/**
	 * The bar is on the time with the server's taken off. Ours works while the server does, too, which makes
	 * that less than it costs, and both are more on a busy machine: processor times are told beside.
	 */
	#compare(what: 'export' | 'import', ours: ToolTime, theirs: ToolTime): Bar {
		const { say } = this.#options;
		const tell = (time: ToolTime): string =>
			`${seconds(time.wallMs)}, the server busy for ${seconds(time.busyMs)}, without it ${seconds(ownMs(time))}, own processor time ${seconds(time.cpuMs)}`;
		say(`${what}, ours: ${tell(ours)}`);
		say(`${what}, official tool: ${tell(theirs)}`);
		const ratios = [
			`wall ${(theirs.wallMs / ours.wallMs).toFixed(1)}`,
			`without the server ${(ownMs(theirs) / ownMs(ours)).toFixed(1)}`,
			`processor time ${(theirs.cpuMs / ours.cpuMs).toFixed(1)}`,
		];
		say(`${what}, official tool / ours: ${ratios.join(', ')}`);
		const measured = ownMs(ours) / ownMs(theirs);
		return { name: what, measured, limit: 1 / 20, unit: '× official tool, without the server' };
	}

	/** Exports from one server by both; leaves `ours.tar` and the official tool's folder. */
	async exports(): Promise<Bar> {
		const server = await this.#full();
		try {
			const input: JobInput<'xmlExport'> = {
				export: {
					...{ selection: { kind: 'all' }, needed: true, referenceDepth: 0, backReferences: false },
					...{ ids: 'temporary', acl: false, state: false, versions: true },
				},
				...{ format: 'bundle', documentName: 'caosdb_data.xml', roles: [], verify: true },
				files: { download: true },
				destination: {
					...{ kind: 'file', folder: folder(this.#work), fileName: 'ours.tar', overwrite: true },
				},
				compression: { kind: 'none', level: 0 },
			};
			const task = { kind: 'export', url: server.url, input } as const;
			const ours = await this.#middle(async () => await this.#ours(server, task));
			const official = await this.#folder('official');
			const tool = ['-m', 'caosadvancedtools.export_related', '-i', this.#data.everythingId];
			const theirs = await this.#theirs(server, [...tool, '-d', official], official);
			return this.#compare('export', ours, theirs);
		} finally {
			await server.stop();
		}
	}

	/** Imports what was exported, each time into an empty server. */
	async imports(): Promise<Bar> {
		const ours = await this.#middle(async (round) => {
			const maps = folder(await this.#folder(`maps ${round}`));
			const input: JobInput<'xmlImport'> = {
				source: { kind: 'file', folder: folder(this.#work), fileName: 'ours.tar' },
				pair: { source: 'source', target: 'target' },
				...{ maps, isDryRun: false, list: 'none' },
			};
			const server = await this.#empty(`target ${round}`);
			try {
				return await this.#ours(server, { kind: 'import', url: server.url, input });
			} finally {
				await server.stop();
			}
		});
		const server = await this.#empty('target of the official tool');
		try {
			const official = await this.#folder('official');
			const tool = [join(PYTHON, 'entity_import.py'), 'linkahead_data.xml'];
			const theirs = await this.#theirs(server, tool, official);
			return this.#compare('import', ours, theirs);
		} finally {
			await server.stop();
		}
	}

	/** Reading and writing the document alone. */
	async xml(): Promise<Bar[]> {
		const file = join(this.#work, 'official/linkahead_data.xml');
		const ours = await child({ kind: 'xml', file, rounds: XML_ROUNDS });
		const args = [join(PYTHON, 'entity_xml.py'), file, String(XML_ROUNDS)];
		const cwd = await this.#folder('official');
		const printed = await mustRun(await python(args, cwd, 'http://localhost/'), {
			deadline: DEADLINE_MS,
		});
		const theirs = JSON.parse(printed.toString()) as { read: number[]; write: number[] };
		const sides = [
			['read', median(ours.readMs) / SECOND_MS, median(theirs.read), 'from_xml'],
			['write', median(ours.writeMs) / SECOND_MS, median(theirs.write), 'to_xml'],
		] as const;
		return sides.map(([name, our, their, peer]) => {
			this.#options.say(
				`${name} XML: ours ${our.toFixed(2)} s, ${peer} ${their.toFixed(2)} s: ${(their / our).toFixed(1)} times as fast`,
			);
			return { name: `xml-${name}`, measured: our / their, limit: 1 / 4, unit: `× ${peer}` };
		});
	}

	/** Peak of an export over idle, for so many entities. */
	async exportPeak(records: number): Promise<number> {
		const server = await EntityServer.start('entity-pages.ts', [String(records)]);
		try {
			const input: JobInput<'xmlExport'> = {
				export: {
					...{ selection: { kind: 'all' }, needed: true, referenceDepth: 0, backReferences: false },
					...{ ids: 'temporary', acl: false, state: false, versions: true },
				},
				...{ format: 'document', documentName: 'caosdb_data.xml', roles: [], verify: false },
				files: { download: false },
				destination: {
					...{ kind: 'file', folder: folder(this.#work), fileName: 'many.xml', overwrite: true },
				},
				compression: { kind: 'none', level: 0 },
			};
			return this.#peak('export', records, await child({ kind: 'export', url: server.url, input }));
		} finally {
			await server.stop();
		}
	}

	/** The same of an import that inserts them all: each record refers to the one before it. */
	async importPeak(records: number): Promise<number> {
		const file = join(this.#work, 'chain.xml');
		await pipeline(chainDocument(records), createWriteStream(file));
		const server = await this.#empty('target of many');
		try {
			const maps = folder(await this.#folder('maps of many'));
			const input: JobInput<'xmlImport'> = {
				source: { kind: 'file', folder: folder(this.#work), fileName: 'chain.xml' },
				pair: { source: 'source', target: 'target' },
				...{ maps, isDryRun: false, list: 'none' },
			};
			return this.#peak('import', records, await child({ kind: 'import', url: server.url, input }));
		} finally {
			await server.stop();
		}
	}

	#peak(what: string, records: number, { peakBytes, idleBytes, wallMs }: EntityCost): number {
		const peak = peakBytes - idleBytes;
		this.#options.say(
			`${what} of ${records.toLocaleString('en-US')} entities: ${seconds(wallMs)}, ${Math.round(peak / MB)} MB over idle`,
		);
		return peak;
	}
}

/** The entity engine against the official Python client and tools, on the same server. */
export const benchEntity: Bench = async (options) => {
	const { quick, say } = options;
	const work = await mkdtemp(join(tmpdir(), 'n8n-caosdb-bench-entity-'));
	try {
		const root = join(work, 'root');
		const [records, files] = quick ? [1000, 50] : [10_000, 500];
		const data = await benchData(root, records, files);
		say(`${records.toLocaleString('en-US')} records of 10 properties, ${files} files of 20 kB`);
		const bench = new EntityBench(work, root, data, options);
		const bars = [await bench.exports(), await bench.imports(), ...(await bench.xml())];
		const exported = await bench.exportPeak(quick ? 100_000 : 1_000_000);
		const imported = await bench.importPeak(quick ? 10_000 : 200_000);
		return [
			...bars,
			{ name: 'memory-export', measured: exported / MB, limit: 200, unit: 'MB over idle' },
			{ name: 'memory-import', measured: imported / MB, limit: 200, unit: 'MB over idle' },
		];
	} finally {
		await rm(work, { recursive: true, force: true });
	}
};
