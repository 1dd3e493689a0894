import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { servers } from '../servers/index.ts';
import { FaultProxy } from './fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';

/** How many kills are spread over the statements; each costs the start of a process. */
const KILLS = 12;

/**
 * The engine's process is killed as the answer to a statement arrives. (What the server is left with is
 * tried at every statement by the test of faults; this one proves that a killed process is the same.)
 */
describe.concurrent.each(servers())('the engine killed on $id', (server) => {
	test.each(['restore', 'rollBack'] as const)('%s', { timeout: 300_000 }, async (work) => {
		const world = await FaultWorld.make(server, work, `killed_${work.toLowerCase()}`);
		const proxy = await FaultProxy.open(server.address);
		const folder = await mkdtemp(join(tmpdir(), 'killed-engine-'));
		const file = join(folder, 'dump.sql');
		await writeFile(file, world.sql);
		const { user, password } = server.address;
		const script = join(import.meta.dirname, 'engine-process.ts');
		const start = () =>
			spawn(process.execPath, [script, work, world.target, String(proxy.port), user, file], {
				env: { ...process.env, PASSWORD: password },
				stdio: 'ignore',
			});
		try {
			await world.prepare();
			proxy.reset();
			const whole = start();
			await once(whole, 'exit');
			expect(whole.exitCode).toBe(0);
			expect(await world.state()).toBe('after');
			const { length: statements } = proxy.statements;
			const seen = new Set<string>();
			for (let kill = 1; kill <= KILLS; kill += 1) {
				await world.prepare();
				const statement = Math.ceil((statements * kill) / KILLS);
				const child = start();
				const strike = () => void child.kill('SIGKILL');
				proxy.reset({ statement, when: 'after', effect: 'cut', strike });
				await once(child, 'exit');
				expect(child.signalCode, `statement ${statement}`).toBe('SIGKILL');
				await world.recover();
				const state = await world.state();
				expect(['before', 'after'], `killed after statement ${statement}`).toContain(state);
				seen.add(state);
			}
			expect(seen).toEqual(new Set(['before', 'after']));
		} finally {
			await proxy.close();
			await world.dispose();
			await rm(folder, { recursive: true, force: true });
		}
	});
});
