import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildPackage } from '../demo/build.ts';
import { resolveCompression } from '../lib/artifact/index.ts';
import { mustRun, startPrivateServer } from '../test/servers/index.ts';
import { type Bar, median } from './bar.ts';
import type { Bench } from './benches.ts';
import type { RestoreCost } from './restore-child.ts';
import { FULL_COPIES, createScaledLinkAhead } from './scaled-linkahead.ts';
import { shellCommand, timedCommand } from './timed-command.ts';

const QUICK_COPIES = 100;
const MB = 1_000_000;
const [SOURCE, OURS, THEIRS] = ['big', 'restored', 'restored_by_client'];

/** SQL Restore, from a backup set and verified, beside the standard client with a plain dump. */
export const benchSqlRestore: Bench = async ({ quick, say }) => {
	await buildPackage();
	const folder = await mkdtemp(join(tmpdir(), 'bench-restore-'));
	const { server, stop } = await startPrivateServer('mariadb11');
	try {
		await createScaledLinkAhead(server, SOURCE, 'original', quick ? QUICK_COPIES : FULL_COPIES);
		const { host, port, user, password } = server.address;
		const endpoint = { host, port, user, password, connectTimeoutMs: 10_000 };
		const place = { path: folder, displayPath: folder };
		const destination = {
			...{ kind: 'newSet', backups: place, instance: 'bench', expected: ['sql'] },
		};
		const compression = resolveCompression('zstd');
		await run('backup', { endpoint, database: SOURCE, destination, compression, verify: false });
		const [name = ''] = await readdir(join(folder, 'bench'));
		const set = { path: join(folder, 'bench', name), displayPath: name };
		const file = join(folder, 'plain.sql');
		await timedCommand(
			`${shellCommand([...server.address.dumpCommand, '--routines', SOURCE])} > ${shellCommand([file])}`,
		);

		const ours: RestoreCost[] = [];
		const theirs: number[] = [];
		for (let turn = 0; turn < (quick ? 1 : 3); turn += 1) {
			const source = { kind: 'set', set };
			ours.push(await run('restore', { endpoint, database: OURS, source }));
			await server.dropDatabase(OURS);
			await server.sql(
				`CREATE DATABASE ${THEIRS} CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci`,
			);
			const client = shellCommand([...server.address.clientCommand, THEIRS]);
			theirs.push((await timedCommand(`${client} < ${shellCommand([file])}`)).wallMs);
			await server.dropDatabase(THEIRS);
		}
		const [wall, client] = [median(ours.map(({ wallMs }) => wallMs)), median(theirs)];
		say(`ours ${(wall / 1000).toFixed(1)} s, mariadb < dump ${(client / 1000).toFixed(1)} s`);
		const bars: Bar[] = [
			{ name: 'wall', measured: wall / client, limit: 0.45, unit: '× mariadb < dump' },
			{
				...{ name: 'memory', limit: 200, unit: 'MB over idle' },
				measured: median(ours.map(({ memoryBytes }) => memoryBytes)) / MB,
			},
			{
				...{ name: 'event-loop-p99', limit: 50, unit: 'ms, main thread' },
				measured: median(ours.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
			},
		];
		return bars;
	} finally {
		await stop();
		await rm(folder, { recursive: true, force: true });
	}
};

async function run(what: 'backup' | 'restore', input: unknown): Promise<RestoreCost> {
	const child = join(import.meta.dirname, `${what}-child.ts`);
	const said = await mustRun([process.execPath, child, JSON.stringify(input)]);
	return JSON.parse(said.toString()) as RestoreCost;
}
