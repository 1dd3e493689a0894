import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { CURATOR } from './fill-with-demo.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './index.ts';
import { runPython } from './python-client.ts';

export { CURATOR };

const PROGRAM = join(import.meta.dirname, 'python/run.py');

export interface World {
	readonly emulator: Emulator;
	/** For local files of a scenario. */
	readonly folder: string;
}

/** An emulator of its own for the running test, ended when the test ends. */
export async function openWorld(options: Partial<EmulatorOptions> = {}): Promise<World> {
	const folder = await temporaryFolder();
	const local = join(folder, 'local');
	await mkdir(local);
	const emulator = await startEmulator({
		...{ folder: join(folder, 'root'), users: [CURATOR], insertFilesFrom: [local] },
		...options,
	});
	onTestFinished(async () => await emulator.stop());
	return { emulator, folder: local };
}

/**
 * Runs a function of a module in `python/` against the emulator; returns what it returns. Throws with the
 * traceback when an expectation in it fails.
 */
export async function runScenario(
	{ emulator, folder }: World,
	name: string,
	settings: Readonly<Record<string, string>> = {},
): Promise<unknown> {
	const [module = '', scenario = ''] = name.split('.');
	const given = { url: emulator.url, folder, root: emulator.folder, ...settings };
	const printed = await runPython([PROGRAM, module, scenario, JSON.stringify(given)], folder);
	return JSON.parse(printed.trimEnd().split('\n').at(-1) ?? 'null');
}
