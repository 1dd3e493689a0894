import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { demoScripts } from '../fixtures/demo-scripts.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Emulator } from './index.ts';
import { runPython } from './python-client.ts';
import { CURATOR } from './scenario.ts';

/** The script looks for a RecordType by another name than it gave it. */
const WRONG_NAME = 'get_entity_by_name("Analysis")';
const RIGHT_NAME = 'get_entity_by_name("MusicalAnalysis")';
const SERVER = 'url="https://localhost:10443/"';

/** Runs one of the official scripts, in its folder, as the given user. */
export async function runScript(path: string, emulator: Emulator, user: string[]): Promise<void> {
	const [name = '', password = ''] = user;
	const script = join(await demoScripts(), path);
	const home = await temporaryFolder();
	const source = (await readFile(script, 'utf8'))
		.replace(WRONG_NAME, RIGHT_NAME)
		.replace(SERVER, `url="${emulator.url}"`);
	const repaired = join(home, basename(script));
	await writeFile(repaired, source);
	const login = { url: emulator.url, username: name, password, password_method: 'plain' };
	const lines = Object.entries(login).map(([key, value]) => `${key} = ${value}`);
	await writeFile(join(home, '.pylinkahead.ini'), `[Connection]\n${lines.join('\n')}\n`);
	await runPython([repaired], dirname(script), { HOME: home });
}

/** All that the official demo server's scripts make. */
export async function fillWithDemo(emulator: Emulator): Promise<void> {
	await runScript('scripts/init_database.py', emulator, ['admin', 'caosdb']);
	for (const script of ['insert_datamodel', 'initialize_bikes', 'initialize_lab']) {
		const user = [CURATOR.name, CURATOR.password];
		await runScript(`other_use_cases/${script}.py`, emulator, user);
	}
}
