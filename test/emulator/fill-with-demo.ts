import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { demoScripts } from '../fixtures/demo-scripts.ts';
import { cacheFolder, madeOnce } from '../servers/index.ts';
import { ADMIN, type Emulator, startEmulator } from './index.ts';
import { runPython } from './python-client.ts';

/** The script looks for a RecordType by another name than it gave it. */
const WRONG_NAME = 'get_entity_by_name("Analysis")';
const RIGHT_NAME = 'get_entity_by_name("MusicalAnalysis")';
const SERVER = 'url="https://localhost:10443/"';

/** A second administrator, whom rules for `admin` do not concern. */
export const CURATOR = {
	name: 'curator',
	password: 'Curator-1',
	roles: ['administration'],
} as const;

interface Account {
	readonly name: string;
	readonly password: string;
}

/** Runs one of the official scripts, in its folder, as the given user. */
export async function runDemoScript(
	path: string,
	{ url }: Pick<Emulator, 'url'>,
	{ name, password }: Account,
): Promise<void> {
	const script = join(await demoScripts(), path);
	const home = await mkdtemp(join(tmpdir(), 'caosdb-demo-script-'));
	try {
		const source = (await readFile(script, 'utf8'))
			.replace(WRONG_NAME, RIGHT_NAME)
			.replace(SERVER, `url="${url}"`);
		const repaired = join(home, basename(script));
		await writeFile(repaired, source);
		const login = { url, username: name, password, password_method: 'plain' };
		const lines = Object.entries(login).map(([key, value]) => `${key} = ${value}`);
		await writeFile(join(home, '.pylinkahead.ini'), `[Connection]\n${lines.join('\n')}\n`);
		await runPython([repaired], dirname(script), { HOME: home });
	} finally {
		await rm(home, { recursive: true, force: true });
	}
}

/** What the official demo server holds: instruments, bikes, a laboratory. Needs the user CURATOR. */
export async function fillWithDemo(emulator: Pick<Emulator, 'url'>): Promise<void> {
	await runDemoScript('scripts/init_database.py', emulator, ADMIN);
	for (const script of ['insert_datamodel', 'initialize_bikes', 'initialize_lab']) {
		await runDemoScript(`other_use_cases/${script}.py`, emulator, CURATOR);
	}
}

const STATE = 'state.json';
const ROOT = 'root';

async function makeState(folder: string): Promise<void> {
	const emulator = await startEmulator({ folder: join(folder, ROOT), users: [CURATOR] });
	try {
		await fillWithDemo(emulator);
		await emulator.save(join(folder, STATE));
	} finally {
		await emulator.stop();
	}
}

/**
 * A double of the official demo server, with its file root laid out in `folder`. Filled by the official
 * scripts the first time, and kept in the cache.
 */
export async function startDemoEmulator(folder: string): Promise<Emulator> {
	const kept = await madeOnce(cacheFolder('linkahead-demo-state'), makeState);
	await cp(join(kept, ROOT), folder, { recursive: true });
	return await startEmulator({ folder, state: join(kept, STATE) });
}
